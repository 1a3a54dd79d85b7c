"""A sweep's turns at the retries of groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine
from job_console.engine.watch.failures_duty import look_after_canaries

from .canaries import canary_state


@pytest.fixture
def turn(redis: Any, engine: Engine, console: Console) -> Callable[..., Any]:
    """A sweep's turn, `minutes` later; answers what is told of the canary."""

    def one(minutes: float = 0.0) -> Any:
        for name in redis.zrange(keys.CANARIES, 0, -1):
            redis.hincrbyfloat(keys.canary(name.decode()), "paced_at", -60 * minutes)
        engine.watch.forget()
        look_after_canaries(engine, engine.watch.look())
        return canary_state(console)

    return one

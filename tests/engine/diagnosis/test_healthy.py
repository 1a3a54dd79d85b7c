"""A healthy bench under load is silent: see tests/zoo/healthy.py."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.service import Engine
from tests.zoo import healthy
from tests.zoo.fault import RQ

from ...support.processes import Workers
from ...support.sizes import sized


@pytest.mark.skipif(RQ < (2, 7), reason="a minute of load: once is enough, with the newest rq")
@pytest.mark.timeout(240)
def test_thousands_of_jobs_and_no_warning(redis: Any, engine: Engine, workers: Workers) -> None:
    came = healthy.run(redis, engine, workers)
    assert came.false == frozenset()
    assert len(came.lost) <= came.restarts
    assert came.left == 0
    assert came.looks >= sized(1, 20), came  # the work is done soon, and a busy machine looks seldom
    assert came.restarts >= sized(1, 3), came
    assert came.acted > sized(10, 50), came

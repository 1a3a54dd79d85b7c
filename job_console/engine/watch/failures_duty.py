"""What a sweep does for failures: goes on with their index while somebody wants it, and takes the turns of canaries."""

from __future__ import annotations

from ..failures import canary, index
from ..failures import limits as failures_limits
from ..redis.link import reaching_redis
from .shared import Core
from .watch import Look


def index_failures(engine: Core, look: Look) -> None:
    with reaching_redis():
        if index.is_wanted(engine.redis, look.bench):
            index.refresh(engine.redis, engine.reader, look.bench, failures_limits.SWEEP_S)


def look_after_canaries(engine: Core, look: Look) -> None:
    with reaching_redis():
        for each in canary.of_bench(engine.redis, engine.watch.queue_prefix):
            if each.goes_on or each.out:
                canary.turn(engine.redis, engine.reader, each)
                engine.watch.forget()

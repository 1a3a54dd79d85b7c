"""Runs that a schedule still has to make up for: times that came while it ran, or were missed. Counters in Redis, by
the job id of the schedule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import text
from . import limits


def add(redis: Redis, site: str, job_id: str, runs: int) -> None:
    """Add pending runs, up to `CATCH_UP_RUNS` in all."""
    pipeline = pipelined(redis)
    pipeline.hincrby(keys.owed(site), job_id, runs)
    pipeline.expire(keys.owed(site), limits.OWED_TTL_S)
    (owed, _set) = pipeline.execute()
    if owed > limits.CATCH_UP_RUNS:
        redis.hset(keys.owed(site), job_id, limits.CATCH_UP_RUNS)


def at_least_one(redis: Redis, site: str, job_id: str) -> None:
    """Make sure that one run is pending, however often its time has come."""
    pipeline = pipelined(redis)
    pipeline.hsetnx(keys.owed(site), job_id, 1)
    pipeline.expire(keys.owed(site), limits.OWED_TTL_S)
    pipeline.execute()


def take(redis: Redis, site: str, job_id: str) -> bool:
    """Take one pending run. False: another scheduler has taken the last one."""
    left: Any = redis.hincrby(keys.owed(site), job_id, -1)
    if left <= 0:
        redis.hdel(keys.owed(site), job_id)
    return bool(left >= 0)


def read(answer: Mapping[Any, Any]) -> dict[str, int]:
    """Read the answer of HGETALL: pending runs by the job id of the schedule."""
    return {text(job_id) or "": int(runs) for job_id, runs in answer.items() if int(runs) > 0}

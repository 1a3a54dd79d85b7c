"""Runs that a schedule is still to have: what came due while it ran, or was missed. By the id of its own run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import text
from . import limits


def add(redis: Redis, site: str, job_id: str, runs: int) -> None:
    """So many more, and never more than may be made up for."""
    pipeline = pipelined(redis)
    pipeline.hincrby(keys.owed(site), job_id, runs)
    pipeline.expire(keys.owed(site), limits.OWED_TTL_S)
    (owed, _set) = pipeline.execute()
    if owed > limits.CATCH_UP_RUNS:
        redis.hset(keys.owed(site), job_id, limits.CATCH_UP_RUNS)


def at_least_one(redis: Redis, site: str, job_id: str) -> None:
    """However often its time has come."""
    pipeline = pipelined(redis)
    pipeline.hsetnx(keys.owed(site), job_id, 1)
    pipeline.expire(keys.owed(site), limits.OWED_TTL_S)
    pipeline.execute()


def take(redis: Redis, site: str, job_id: str) -> bool:
    """One of them. False: another scheduler was quicker."""
    left: Any = redis.hincrby(keys.owed(site), job_id, -1)
    if left <= 0:
        redis.hdel(keys.owed(site), job_id)
    return bool(left >= 0)


def read(answer: Mapping[Any, Any]) -> dict[str, int]:
    """What HGETALL answers: by the ids of schedules."""
    return {text(job_id) or "": int(runs) for job_id, runs in answer.items() if int(runs) > 0}

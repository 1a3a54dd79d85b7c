"""Attempts in Redis.

A job that is to be tried again is in RQ's own registry of scheduled jobs, so losing our keys loses no job. Nothing in a
bench enqueues it when it is due, so we keep an index by due time: `keys.RETRIES`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..models.retries import Tries
from ..redis import keys
from ..redis.link import Pipeline, Redis, script
from . import circuit, limits
from .models import AGAIN, GAVE_UP, stamp, to_json


def note(redis: Redis | Pipeline, job_id: str, queue: str, tries: Tries) -> None:
    """Write down what was decided: the next attempt becomes due, or the job is a dead letter."""
    names = (keys.tries(job_id), keys.RETRIES, keys.dead(queue))
    due = f"{tries.next_at.timestamp():.3f}" if tries.then == AGAIN and tries.next_at else ""
    last = tries.history[-1].at if tries.history else None
    died = f"{last.timestamp():.3f}" if tries.then == GAVE_UP and last else ""
    bounds = (int(limits.TRIES_TTL_S), limits.DEAD_ROWS, int(limits.DEAD_TTL_S))
    redis.eval(script("retry_note"), len(names), *names, job_id, to_json(tries), due, died, *bounds)
    if tries.circuit and last is not None:
        error = f"{tries.history[-1].type}: {tries.history[-1].message}".rstrip(": ")
        circuit.failed(redis, tries.circuit, job_id, queue, error, last)


def index(redis: Redis | Pipeline, job_id: str, due: datetime) -> None:
    """RQ's own retry of this job, which nothing else would move."""
    redis.zadd(keys.RETRIES, {job_id: due.timestamp()})


def ended_well(redis: Redis | Pipeline, job_id: str) -> None:
    """The job succeeded: its attempts are kept as long as RQ keeps its result, and no longer."""
    redis.expire(keys.tries(job_id), int(limits.TRIES_DONE_TTL_S))


def move_due(redis: Redis | Pipeline, now: datetime, most: int) -> Any:
    """Put retries that are due into their queues, looking at `most` of them. Returns how many were due."""
    arguments = (stamp(now), most, limits.RETRY_AGAIN_S)
    names = (keys.RETRIES, keys.CIRCUITS, keys.QUEUES)
    return redis.eval(script("circuit_held") + script("retry_due"), len(names), *names, *arguments)

"""What a job has printed, in Redis: one hash a job, which the reader of its host keeps up to date, and the run ends."""

from __future__ import annotations

from time import time
from typing import Any

from ..models.output import Log
from ..redis import keys
from ..redis.link import Pipeline, Redis, script
from ..rq.records import from_score, number
from . import entries, limits
from .ring import Content

_FIELDS = ("begun", "written", "whole", "text")


def write(pipeline: Pipeline | Redis, job_id: str, content: Content, whole: bool = False, well: bool = False) -> None:
    """One script call. `whole`: the run has ended, and says so itself; `well`: without an error. What is older than
    what is there is not written.
    """
    ttl = limits.DONE_TTL_S if whole and well else limits.TTL_S
    numbers = (f"{content.begun:.3f}", content.written, int(whole))
    pipeline.eval(
        script("note_output"),
        2,
        keys.log(job_id),
        keys.LOGS,
        job_id,
        *numbers,
        content.data,
        ttl,
        limits.TTL_S,
        round(time()),
        limits.JOBS,
        keys.LOG_PREFIX,
    )


def read(redis: Redis, job_id: str) -> Log | None:
    """None: nothing is kept of it. One round trip."""
    found: Any = redis.hmget(keys.log(job_id), _FIELDS)
    begun, count, whole, data = found
    if begun is None or not isinstance(data, bytes):
        return None
    count = max(int(number(count) or 0), 0)
    return Log(
        begun=from_score(number(begun)),
        written=count,
        lost=max(count - limits.KEPT_BYTES, 0),
        whole=whole == b"1",
        entries=entries.parse(data[: limits.KEPT_BYTES]),
    )

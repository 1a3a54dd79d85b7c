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

#: How a run stands: it goes on; it has ended, and says so itself; its process is gone, and said no such thing.
GOES_ON, ENDED, DIED = 0, 1, 2
_FIELDS = ("begun", "written", "stands", "text")


def write(pipeline: Pipeline | Redis, job_id: str, content: Content, stands: int = GOES_ON, well: bool = False) -> None:
    """One script call. `well`: it has ended without an error. What is older than what is there is not written."""
    ttl = limits.DONE_TTL_S if stands == ENDED and well else limits.TTL_S
    numbers = (f"{content.begun:.3f}", content.written, stands)
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
    begun, count, stands, data = found
    if begun is None or not isinstance(data, bytes):
        return None
    count = max(int(number(count) or 0), 0)
    return Log(
        begun=from_score(number(begun)),
        written=count,
        lost=max(count - limits.KEPT_BYTES, 0),
        whole=number(stands) == ENDED,
        died=number(stands) == DIED,
        entries=entries.parse(data[: limits.KEPT_BYTES]),
    )

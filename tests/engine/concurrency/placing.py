"""Jobs of which only so many may run at once."""

from __future__ import annotations

from typing import Any

from redis import Redis
from rq import Queue
from rq.job import Job

from tests.jobs import wrapped

from ..bench import SHORT
from . import work

SITE, OTHER = "a.localhost", "b.localhost"
METHOD = f"{work.__name__}.placed"


def enqueue(
    redis: Redis, job_id: str, place: str = "p", runs: int = 1, site: str = SITE, lane: str = SHORT, **said: Any
) -> Job:
    call = wrapped(METHOD, site=site, user="sam@example.com", place=place, runs=runs, **{"takes_s": 0.1, **said})
    return Queue(lane, connection=redis).enqueue_call(
        work.PLACED, kwargs=call, timeout=60, result_ttl=600, failure_ttl=604_800, job_id=f"{site}||{job_id}"
    )

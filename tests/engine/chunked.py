"""Work that leaves its run, for the tests' real workers."""

from __future__ import annotations

from typing import Any

from rq import get_current_job

from job_console.engine.progress import parting
from job_console.engine.progress.leaving import HandedOver, Parked

RUNS = "test:runs"
CALLED_BACK = "test:called_back"


def go_on(times: int) -> str:
    """Leaves so many runs, and ends well in the next."""
    job = get_current_job()
    if job.connection.hincrby(RUNS, job.id, 1) <= times:
        parting.go_on(job)
        raise HandedOver("the rest goes on in another run")
    return "done"


def park() -> str:
    job = get_current_job()
    if job.connection.hincrby(RUNS, job.id, 1) == 1:
        parting.park(job)
        raise Parked("until somebody resumes it")
    return "done"


def fail() -> None:
    raise ValueError("on purpose")


def call_back(job: Any, connection: Any, *outcome: Any) -> None:
    connection.rpush(CALLED_BACK, job.id)

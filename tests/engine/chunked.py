"""Work that leaves its run, for the tests' real workers."""

from __future__ import annotations

import time
from typing import Any

from rq import get_current_job

from job_console.engine.models.progress import Chunks, Parked
from job_console.engine.progress import early_exit, flags, hand_over, more_time
from job_console.engine.progress.early_exit import HandedOver, StopAsked
from job_console.engine.progress.meter import Meter

RUNS = "test:runs"
CALLED_BACK = "test:called_back"


def go_on(times: int) -> str:
    """Leaves so many runs, and ends well in the next."""
    job = get_current_job()
    if job.connection.hincrby(RUNS, job.id, 1) <= times:
        hand_over.go_on(job)
        raise HandedOver("the rest goes on in another run")
    return "done"


def park() -> str:
    job = get_current_job()
    if job.connection.hincrby(RUNS, job.id, 1) == 1:
        hand_over.park(job)
        raise early_exit.Parked("until somebody resumes it")
    return "done"


def fail() -> None:
    raise ValueError("on purpose")


def call_back(job: Any, connection: Any, *outcome: Any) -> None:
    connection.rpush(CALLED_BACK, job.id)


def steps(count: int, chunked: bool = False) -> int:
    """Twenty steps a second; hears what is asked, as the runtime's loops do."""
    job = get_current_job()
    meter = Meter(job.connection, job.id)
    done, chunks = 0, Chunks() if chunked else None
    for done in range(count):
        time.sleep(0.05)
        asked = meter.report(done, count, "stepping", chunks=chunks)
        if flags.STOP in asked:
            raise StopAsked(flags.words(asked, flags.STOP))
        if flags.MORE_TIME in asked and not meter.last.extended_s:
            meter.report_now(extended_s=more_time.grant(job.connection, job, asked[flags.MORE_TIME].seconds))
        if flags.PAUSE in asked:
            meter.report_now(parked=Parked("sam"))
            hand_over.park(job)
            raise early_exit.Parked("paused")
        if flags.HAND_OVER in asked:
            hand_over.go_on(job)
            raise HandedOver("handed over")
    return done

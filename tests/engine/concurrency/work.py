"""Work with places for the tests' real workers, as `runtime.run.policy` takes and leaves them around Frappe's jobs."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Any

from rq import get_current_job

from job_console.engine.concurrency import places
from job_console.engine.progress import early_exit, hand_over

from ..retries.work import see_to
from ..stacks import gallery

PLACED = f"{__name__}.placed"
#: Ids of those that run now, how many were too many, how often each began, and who did their work to the end.
NOW, TOO_MANY, RUNS, DONE = "test:now", "test:too_many", "test:runs", "test:done"
#: Sites in the order in which their jobs began.
ORDER = "test:order"
#: Set: those that were told to work until then come to their end.
GO = "test:go"


def placed(site: str, method: str, kwargs: dict[str, Any], **wrapper: Any) -> None:
    job = get_current_job()
    redis, name, runs = job.connection, kwargs["place"], kwargs["runs"]
    if not places.take(redis, places.Bound(name, runs, "its policy Few"), site, job.id, job.created_at):
        hand_over.park(job)
        if kwargs.get("kept"):
            see_to(redis)
        raise early_exit.Parked("no place")
    try:
        with gallery.watched() if kwargs.get("seen") else contextlib.nullcontext():
            _work(redis, job.id, site, runs, kwargs["takes_s"], kwargs.get("killed"))
    finally:
        places.leave(redis, name, job.id)


def _take_time(redis: Any, takes_s: float | None) -> None:
    """None: until the test says so."""
    while takes_s is None and not redis.exists(GO):
        time.sleep(0.02)
    time.sleep(takes_s or 0.0)


def _work(redis: Any, job_id: str, site: str, runs: int, takes_s: float | None, killed: str | None) -> None:
    times = redis.hincrby(RUNS, job_id, 1)
    redis.rpush(ORDER, site)
    if redis.eval("redis.call('SADD', KEYS[1], ARGV[1]) return redis.call('SCARD', KEYS[1])", 1, NOW, job_id) > runs:
        redis.incr(TOO_MANY)
    _take_time(redis, takes_s)
    redis.srem(NOW, job_id)
    if killed and times == 1:
        if killed == "worker":
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    redis.hset(DONE, job_id, 1)

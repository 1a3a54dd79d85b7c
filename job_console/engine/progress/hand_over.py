"""A job ends its run early, and a later run of the same job does the rest. It keeps its id, so jobs that depend on it
go on waiting, and a second one with its id or unique key is still refused.

RQ (1.15 to 2.7) does this for a job that failed with retries left: we give the job one more retry, and end its run with
an exception (`early_exit.HandOver`). Its failure callback is not called.
"""

from __future__ import annotations

import signal
from datetime import datetime, timedelta, timezone
from time import time
from typing import Any

from ..redis import keys
from ..redis.link import Redis
from ..redis.transition import Step, send
from ..rq.records import text
from . import limits

#: RQ's `Job`, of the run that this process is in: `rq.get_current_job()`.
RunningJob = Any


def go_on(job: RunningJob, after_s: int = 0) -> None:
    """Let RQ put the job back into its queue when this run ends with an exception; with `after_s`, among the scheduled
    jobs, due that many seconds later.
    """
    job.retries_left = (job.retries_left or 0) + 1
    # On the object, not in the record: the application's own retries keep their intervals and their callback.
    job.get_retry_interval = lambda: after_s
    job._failure_callback = None


def park(job: RunningJob) -> None:
    """As `go_on`, but the job waits among the scheduled ones until somebody calls `wake`."""
    go_on(job, int(limits.PARKED_S))


def wake(redis: Redis, job_id: str, now: datetime) -> bool:
    """Put a parked job back into its queue. False: it is not parked (yet, or any more)."""
    origin: Any = redis.hget(keys.job(job_id), "origin")
    return bool(send(redis, Step(job_id, text(origin) or "", "unpause", now, sure=True))[0] == b"done")


def parked_since(now: datetime) -> float:
    """The lowest score that a parked job has among the scheduled ones: years ahead, where no other job is due."""
    return (now + timedelta(seconds=limits.PARKED_S / 2)).timestamp()


def time_left(job: RunningJob) -> float | None:
    """Seconds until this run's timeout; None when it has none."""
    # RQ's alarm, as it is set now: it may have been put off.
    seconds, _interval = signal.getitimer(signal.ITIMER_REAL)
    if seconds > 0:
        return seconds
    if not job.timeout or job.timeout < 0 or job.started_at is None:
        return None
    return float(job.timeout) - (time() - _timestamp(job.started_at))


def _timestamp(moment: datetime) -> float:
    """RQ 1 has times without a zone; they are UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def too_late(left_s: float | None, timeout_s: float | None, longest_chunk_s: float) -> bool:
    """Whether one more chunk might not be finished before the timeout."""
    if left_s is None:
        return False
    margin = min(limits.HAND_OVER_SHARE * (timeout_s or 0.0), limits.HAND_OVER_MARGIN_S)
    return left_s < margin + limits.HAND_OVER_CHUNKS * longest_chunk_s

"""The span of a job whose process was killed, or stopped: that process had begun it, and could not send it. Its worker,
which sees it die, sends it instead, with the same ids: so what the job had enqueued keeps the span it hangs on.

Says what the worker knows: when RQ began the run, when its process was gone, by which signal. Events of the run are
lost. A worker that dies itself, with its host or by the same signal, says nothing.

RQ's worker calls one method when a process died, another one when it had killed it because somebody said so. These are
wrapped; that costs a round trip then, and nothing otherwise.
"""

from __future__ import annotations

import functools
import logging
import os
from datetime import datetime, timezone
from threading import Thread
from typing import Any

from . import carried, limits

log = logging.getLogger("job_console")
_KILLED, _FAILED = "handle_work_horse_killed", "handle_job_failure"
_MARK = "job_console_tells"
#: In the headers of a run: which one, as a job's next run may die before it has begun a span.
BEGAN = "began"


def install() -> None:
    """Once in a process, before its worker begins."""
    from rq import Worker

    for name, around in ((_KILLED, _telling_killed), (_FAILED, _telling_stopped)):
        home = next((each for each in Worker.__mro__ if name in vars(each)), None)
        if home is not None and not hasattr(vars(home)[name], _MARK):
            wrapped = around(vars(home)[name])
            setattr(wrapped, _MARK, True)
            setattr(home, name, wrapped)


def _telling_killed(plain: Any) -> Any:
    @functools.wraps(plain)
    def handle_work_horse_killed(self: Any, job: Any, pid: int, status: int, *more: Any, **others: Any) -> Any:
        _tell(job, os.WTERMSIG(status) if os.WIFSIGNALED(status) else None, stopped=False)
        return plain(self, job, pid, status, *more, **others)

    return handle_work_horse_killed


def _telling_stopped(plain: Any) -> Any:
    @functools.wraps(plain)
    def handle_job_failure(self: Any, job: Any, *more: Any, **others: Any) -> Any:
        if getattr(self, "_stopped_job_id", None) == job.id and os.getpid() == self.pid:
            _tell(job, None, stopped=True)
        return plain(self, job, *more, **others)

    return handle_job_failure


def _tell(job: Any, signal: int | None, stopped: bool) -> None:
    """Never raises. In a thread that does not stay: the worker forks again, and must not stand still."""
    try:
        # The worker's own copy is from before the run.
        job = type(job).fetch(job.id, connection=job.connection, serializer=job.serializer)
        # RQ's process sets its own time of the beginning anew, a moment after it has written one.
        recorded = began(job)
        if recorded is None or carried.of(job.meta, carried.RUN).get(BEGAN, "") < recorded:
            return
        sending = Thread(target=_send, args=(job, signal, stopped, datetime.now(timezone.utc)), daemon=True)
        sending.start()
        sending.join(limits.LOST_S)
    except Exception:
        log.debug("The span of a killed job could not be sent.", exc_info=True)


def began(job: Any) -> str | None:
    """When its run did; RQ 1 reads its times without their zone."""
    started: datetime | None = job.started_at
    return started.replace(tzinfo=None).isoformat() if started else None


def _send(*what: Any) -> None:
    try:
        from .lost_span import send

        send(*what)
    except Exception:
        log.debug("The span of a killed job could not be sent.", exc_info=True)

"""The run that this process is in: one object from before the job until after it. Imports no other room.

Outside a job there is none: a web process, a console and a patch see `None`. A worker that does not fork has one after
the other. Frappe runs a job again in place after a deadlock: `execute_job` calls itself from within its own `except`,
so the hooks nest, and one run then has several attempts (`attempts_open`). RQ runs a job at once, inside the job that
enqueues it, where its queue is not asynchronous: that is another run, and the one around it goes on when it ends.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from rq.job import Job

from job_console.bridge import logs
from job_console.engine.errors import JobConsoleError

if TYPE_CHECKING:
    from job_console.engine.models.holds import Hold
    from job_console.engine.models.policies import Policy
    from job_console.engine.models.retries import Tries

#: `Job.worker_name` of a job that RQ runs in the process that enqueues it.
SYNCHRONOUS = "sync"


class Releasable(Protocol):
    def release(self) -> None: ...


@dataclass
class CurrentRun:
    """What the hooks and the job's own calls know of the run while it lasts."""

    job: Job
    #: The run that this one interrupts.
    outer: CurrentRun | None = None
    #: How many attempts in place have begun and not ended; 0: no hook has begun it.
    attempts_open: int = 0
    #: The exception that was being handled when the innermost attempt began: the failure of the attempt before.
    handled_before: BaseException | None = None
    #: The exception that Frappe caught, so that RQ takes the run for a success.
    hidden_error: BaseException | None = None
    #: As it was when the innermost attempt began.
    policy: Policy | None = None
    #: Somebody paused its method.
    hold: Hold | None = None
    #: Its attempts so far. Only valid when `tries_known`: until Redis has answered, they must not be counted from one.
    tries: Tries | None = None
    tries_known: bool = False
    #: The name of the concurrency limit that it has a place of.
    place: str | None = None
    #: The lock that its policy takes around it.
    lock: Releasable | None = None
    #: How far it has come (`progress.RunProgress`), once it reports that.
    progress: Any = None
    #: Where traces are on (`engine.traces.spans.RunSpan`).
    span: Any = None
    key: tuple[str, datetime | None] = field(init=False)

    def __post_init__(self) -> None:
        self.key = _key(self.job)

    @property
    def is_outermost_attempt(self) -> bool:
        return self.attempts_open == 1

    def release_lock(self) -> None:
        """Raises LockLost when it was not held any more, RedisUnavailable."""
        lock, self.lock = self.lock, None
        if lock is not None:
            lock.release()


_latest: CurrentRun | None = None


def latest() -> CurrentRun | None:
    """The run that began last in this process and has not ended. `of` also checks that it is of the current job."""
    return _latest


def of(job: Job) -> CurrentRun:
    """The run of the job that this process runs now."""
    global _latest
    key, run = _key(job), _latest
    while run is not None and run.key != key:
        run = run.outer
    if run is None:
        run = _new(job)
    _latest = run
    return run


def begin(job: Job) -> CurrentRun:
    """An attempt begins, perhaps not the first of its run. Resets what belongs to an attempt."""
    run = of(job)
    run.attempts_open += 1
    run.handled_before, run.hidden_error = sys.exc_info()[1], None
    run.policy, run.tries, run.tries_known, run.progress = None, None, False, None
    return run


def end(run: CurrentRun) -> None:
    """An attempt has ended; with the outermost one the run has."""
    global _latest
    run.attempts_open -= 1
    if run.attempts_open <= 0 and _latest is run:
        _latest = run.outer


def _new(job: Job) -> CurrentRun:
    """A new run. A worker runs one job after the other, so a run that is still there has not been ended properly."""
    if _latest is not None and job.worker_name == SYNCHRONOUS:
        return CurrentRun(job, _latest)
    left = _latest
    while left is not None:
        try:
            left.release_lock()
        except JobConsoleError as error:
            logs.logger().error("The lock of %s was not released: %s", left.job.id, error)
        left = left.outer
    return CurrentRun(job)


def _key(job: Job) -> tuple[str, datetime | None]:
    return job.id, job.started_at

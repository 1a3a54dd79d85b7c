"""`job_console.progress` and `job_console.track`: report the progress of this job, and obey requests to stop it.

    for item in job_console.track(items, "Recalculating"):
        …

Outside a background job both do nothing: `track` is a plain loop then. What they cost, and what can be asked of a job
that reports, is in docs/long-jobs.md.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sized
from time import monotonic
from typing import Any, TypeVar

import frappe
from redis.exceptions import RedisError
from rq import get_current_job
from rq.job import Job

from job_console.bridge import logs
from job_console.bridge.connection import engine
from job_console.engine.errors import BadRequest
from job_console.engine.models.progress import Asked, Chunks, sayable
from job_console.engine.progress import flags, more_time
from job_console.engine.progress.early_exit import StopAsked
from job_console.engine.progress.meter import Meter

from .. import current_run
from ..current_run import CurrentRun
from .user_notice import UserNotice

Item = TypeVar("Item")


class RunProgress:
    """The progress of the current run, and what is asked of it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.meter = Meter(engine().redis, job.id)
        self.notice = UserNotice()
        #: What was asked of it so far.
        self.asked: dict[str, Asked] = {}
        #: A `track` loop is open: of loops within loops only the outermost reports.
        self.tracking = False
        #: The job reports itself: then what it publishes through Frappe is ignored.
        self.reports_itself = False
        #: Within a loop that commits chunk by chunk (`chunks`), and the loops so far.
        self.chunking = False
        self.loops: list[str] = []

    def report(
        self, done: float, total: float | None, text: str, to_user: bool = False, chunks: Chunks | None = None
    ) -> None:
        self.reports_itself = True
        self.receive(self.meter.report(done, total, text, chunks=chunks))
        self.notice.show(sayable(done, total, text), to_user)  # the meter may have kept it back

    def check(self) -> None:
        """Called in a loop that reports: obey a request to stop. A loop in chunks does that itself, after a commit."""
        self.receive(self.meter.report_again())
        if not self.chunking:
            self.stop_if_asked()

    def receive(self, asked: Mapping[str, Asked]) -> None:
        self.asked.update(asked)
        if flags.MORE_TIME in self.asked and not self.meter.last.extended_s:
            try:
                seconds = more_time.grant(engine().redis, self.job, self.asked[flags.MORE_TIME].seconds)
            except RedisError as error:
                del self.asked[flags.MORE_TIME]  # the next answer has it again
                logs.logger().error("%s was not given more time: %s", self.job.id, error)
                return
            self.meter.report_now(extended_s=seconds)

    def next_loop(self, name: str) -> str:
        """The name of the next loop in chunks: the given one, or its number."""
        name = name or str(len(self.loops) + 1)
        if name in self.loops:
            raise BadRequest(f"Two loops of this job are called {name!r}: one would be taken for the other.")
        self.loops.append(name)
        return name

    def stop_if_asked(self) -> None:
        """Raises StopAsked. What is not committed by then is undone."""
        if flags.STOP in self.asked:
            # It must not be committed by whoever catches this on its way.
            frappe.db.rollback()
            raise StopAsked(f"Stopped {flags.words(self.asked, flags.STOP)}")


def of_current_run() -> RunProgress | None:
    """The progress of the run that this process is in; None outside a job."""
    job = get_current_job()
    if job is None:
        return None
    run = current_run.of(job)
    if run.progress is None:
        run.progress = RunProgress(job)
    return run.progress


def progress(done: float, total: float | None = None, text: str = "", to_user: bool = False) -> None:
    """Report how far this job has come. It may be called any number of times; it sends at most two reports a second.

    to_user: show it to the user who started the job too, by Frappe's own means (its progress dialog).
    """
    latest = current_run.latest()
    run: RunProgress | None = latest.progress if latest else None
    if run is not None and run.reports_itself and monotonic() < run.meter.due and done != total:
        if not run.chunking:
            run.meter.report(done, total, text)
        return
    run = of_current_run()
    if run is not None and run.chunking:
        run.check()
    elif run is not None:
        run.report(done, total, text, to_user)
        run.stop_if_asked()


def track(items: Iterable[Item], text: str = "", total: float | None = None, to_user: bool = False) -> Iterator[Item]:
    """The items, one after the other, while the page shows how far the loop has come.

    total: how many there are, where `items` cannot say.
    """
    run = of_current_run()
    if run is None:
        return iter(items)
    if total is None and isinstance(items, Sized):
        total = len(items)
    return _tracked(items, run, total, text, to_user)


def _tracked(
    items: Iterable[Item], run: RunProgress, total: float | None, text: str, to_user: bool, clock: Any = monotonic
) -> Iterator[Item]:
    if run.tracking or run.chunking:
        yield from _inside(items, run)
        return
    run.tracking = True
    done = 0
    try:
        run.report(done, total, text, to_user)
        for item in items:
            yield item
            done += 1
            if clock() >= run.meter.due:
                run.report(done, total, text, to_user)
                run.stop_if_asked()
        run.report(done, total, text, to_user)
    finally:
        run.tracking = False


def _inside(items: Iterable[Item], run: RunProgress, clock: Any = monotonic) -> Iterator[Item]:
    """An inner loop of one that reports: it only reads what is asked of the job."""
    for item in items:
        yield item
        if clock() >= run.meter.due:
            run.check()


def end(run: CurrentRun) -> None:
    """An attempt has ended: one command, and none for a job that reported nothing."""
    ended: RunProgress | None = run.progress
    run.progress = None
    if ended is not None:
        ended.meter.end(well=sys.exc_info()[1] is None)

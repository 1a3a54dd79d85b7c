"""Counts how the current run ended (`statistics`).

Frappe runs a job again in place after a deadlock, so the hooks nest (`current_run`), and the inner ones see the outer
exception in `sys.exc_info()`. Only the outermost end counts: its exception is the job's.

A scheduled job that fails looks like a success: `ScheduledJobType.execute` swallows the exception; so does
`execute_action`, for `Document.queue_action`. Both write documents while they handle it, and the hook of those calls
`note_hidden_failure`.
"""

import sys
import traceback
from dataclasses import dataclass
from datetime import datetime, timezone

import frappe
from rq.job import Job
from rq.timeouts import JobTimeoutException

from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.models.bench import FailedRun
from job_console.engine.models.jobs import Call
from job_console.engine.progress.early_exit import EarlyExit
from job_console.engine.redis.link import Pipeline
from job_console.engine.rq import swallowed_failures
from job_console.engine.schedule import history
from job_console.engine.schedule.due import schedule_id
from job_console.engine.schedule.history import Ran

from ..current_run import CurrentRun


@dataclass(frozen=True)
class Ending:
    error: BaseException | None
    #: RQ takes it for well.
    hidden: bool


def end(run: CurrentRun, asked: Call, pipeline: Pipeline) -> None:
    """Count the run when this is its outermost end: one script call, on the pipeline."""
    if not run.is_outermost_attempt:
        return
    job, thrown, unseen = run.job, sys.exc_info()[1], run.hidden_error
    error = unseen if thrown is None else thrown
    if isinstance(error, EarlyExit):
        return  # a part of its work: how long that took is no history of the method
    counted = _ended(job, asked, error)
    statistics.record(pipeline, counted)
    if asked.kind == "scheduled" and job.started_at:
        started_at = _aware(job.started_at)
        history.record(
            pipeline, frappe.local.site, [(schedule_id(job.id), Ran(started_at, counted.run_s, counted.outcome))]
        )
    if job.started_at and thrown is None and unseen is not None:
        remembered = "".join(traceback.format_exception(unseen))
        swallowed_failures.remember(pipeline, job.id, _aware(job.started_at), remembered)


def ending(run: CurrentRun) -> Ending | None:
    """How the run ends, at its outermost end. None: the run goes on, or its beginning is not known."""
    if not run.is_outermost_attempt:
        return None
    thrown = sys.exc_info()[1]
    unseen = run.hidden_error
    return Ending(unseen if thrown is None else thrown, hidden=thrown is None and unseen is not None)


def note_hidden_failure(run: CurrentRun) -> None:
    """An exception is being handled inside a scheduled job: the run has failed, whatever RQ will say."""
    error = sys.exc_info()[1]
    if error is not run.handled_before:
        run.hidden_error = error


def named(error: BaseException | None) -> str:
    return "finished" if error is None else "timed_out" if isinstance(error, JobTimeoutException) else "failed"


def _ended(job: Job, asked: Call, error: BaseException | None) -> EndedRun:
    now = datetime.now(timezone.utc)
    outcome = named(error)
    failure = None
    if error is not None:
        failure = FailedRun(
            asked.method,
            job.id,
            now,
            type(error).__name__,
            str(error),
            queue=job.origin,
            site=asked.site,
            scheduled=asked.kind == "scheduled",
        )
    return EndedRun(
        method=asked.method,
        queue=job.origin,
        outcome=outcome,
        at=now,
        run_s=_seconds(job.started_at, now),
        wait_s=_seconds(job.enqueued_at, job.started_at),
        failure=failure,
        site=asked.site,
        scheduled=asked.kind == "scheduled",
    )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max((_aware(end) - _aware(start)).total_seconds(), 0.0) if start and end else None


def _aware(moment: datetime) -> datetime:
    """RQ 1 reads its times without a zone; they are UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

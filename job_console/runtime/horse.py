"""Hooks that run inside other people's jobs.

They never raise, never wait, and cost at most two Redis commands on the connection that the horse already holds; one
more at the end of a job that told how far it has come.
"""

from collections.abc import Callable

import frappe
from rq import get_current_job
from rq.job import Job

from job_console.bridge.realtime import publish_changed
from job_console.engine import keys

from . import overheard, progress, runs

#: Failures of our hooks are counted for a day, not thrown into somebody's job.
FAILURES_TTL_S = 86_400


def before_job() -> None:
    _quietly(runs.begin, _tell, lambda job: overheard.listen())


def after_job(method: str | None = None, kwargs: dict | None = None) -> None:
    _quietly(lambda job: runs.end(job, _asked(method, kwargs)), _tell, progress.end)


def scheduled_job_wrote(doc: object, event: str | None = None) -> None:
    """Scheduled Job Type and Scheduled Job Log changed, perhaps while an exception is being handled."""
    _quietly(lambda job: runs.note_hidden_failure())


def _asked(method: str | None, kwargs: dict | None) -> dict[str, object]:
    """As `execute_job` was called, as far as the name of the work depends on it."""
    return {"site": frappe.local.site, "method": method, "kwargs": kwargs}


def _tell(job: Job) -> None:
    publish_changed(job.connection)


def _quietly(*steps: Callable[[Job], object]) -> None:
    """Do these, if this is a job at all. What fails is counted, and the next is done all the same."""
    for step in steps:
        _try(step)


def _try(step: Callable[[Job], object]) -> None:
    try:
        job = get_current_job()
        if job is not None:
            step(job)
    except Exception:
        _count_failure()


def _count_failure() -> None:
    try:
        redis = get_current_job().connection
        redis.incr(keys.HOOK_FAILURES)
        redis.expire(keys.HOOK_FAILURES, FAILURES_TTL_S)
    except Exception:
        frappe.logger("job_console").warning("A hook of Job Console failed, and could not be counted.", exc_info=True)

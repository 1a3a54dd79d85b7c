"""Hooks that run inside other people's jobs.

They never raise and never wait, and cost one round trip before the job and one after it, on the connection that the
horse already holds; one more at the end of a job that told how far it has come, and of one that failed and may be tried
again. The exceptions are the job's own alarm, which may ring in here, and what somebody demands: a job whose policy
names a lock waits for it, and fails when it cannot be had; one whose policy lets no more run at once is parked.
"""

from collections.abc import Callable

import frappe
from rq import get_current_job
from rq.job import Job
from rq.timeouts import JobTimeoutException

from job_console.bridge import incidents, realtime
from job_console.engine import call, keys
from job_console.engine.models import Call

from . import manners, overheard, progress, retries, runs, watched, written
from .trip import Trip

#: Failures of our hooks are counted for a day, not thrown into somebody's job.
FAILURES_TTL_S = 86_400


def before_job(method: str | None = None, kwargs: dict | None = None) -> None:
    _quietly(runs.begin)
    _in_one_trip(
        lambda job, trip: manners.ask(job, _asked(method, kwargs), trip),
        lambda job, trip: retries.ask(job, trip),
        lambda job, trip: realtime.ask(trip.pipeline, trip.then),
        watched.arm,
    )
    _quietly(lambda job: progress.begin(), lambda job: overheard.listen(), lambda job: written.listen(begins=True))
    if get_current_job() is None:
        return
    try:
        _quietly(lambda job: manners.take_place(job, _asked(method, kwargs)))
        manners.take_lock(_asked(method, kwargs))
    except BaseException:
        after_job(method, kwargs)  # Frappe calls it for what failed after its hooks only
        raise


def after_job(method: str | None = None, kwargs: dict | None = None) -> None:
    _quietly(watched.finish, lambda job: manners.give_lock_back())
    _in_one_trip(
        lambda job, trip: retries.end(job, _asked(method, kwargs), trip),
        lambda job, trip: runs.end(job, _asked(method, kwargs), trip.pipeline),
        lambda job, trip: manners.leave_place(job, trip),
        lambda job, trip: manners.give_key_back(job, _asked(method, kwargs), trip),
        lambda job, trip: realtime.ask(trip.pipeline, trip.then),
        lambda job, trip: incidents.ask(trip.pipeline, trip.then),
        watched.disarm,
    )
    _quietly(progress.end)


def scheduled_job_wrote(doc: object, event: str | None = None) -> None:
    """Scheduled Job Type and Scheduled Job Log changed, perhaps while an exception is being handled."""
    _quietly(lambda job: runs.note_hidden_failure())


def _asked(method: str | None, kwargs: dict | None) -> Call:
    """What `execute_job` was called for."""
    job = getattr(frappe.local, "job", None)  # gone when Frappe ends a job that it ran again in place
    user = job.user if job else None
    return call.wrapped({"site": frappe.local.site, "method": method, "kwargs": kwargs, "user": user})


def _in_one_trip(*steps: Callable[[Job, Trip], object]) -> None:
    """What each of these wants to know or to write, in one round trip."""

    def travel(job: Job) -> None:
        trip = Trip(job.connection)
        _quietly(*(lambda job, step=step: step(job, trip) for step in steps))
        _quietly(*(lambda job, done=done: done() for done in trip.go()))

    _quietly(travel)


def _quietly(*steps: Callable[[Job], object]) -> None:
    """Do these, if this is a job at all. What fails is counted, and the next is done all the same."""
    for step in steps:
        _try(step)


def _try(step: Callable[[Job], object]) -> None:
    try:
        job = get_current_job()
        if job is not None:
            step(job)
    except JobTimeoutException:
        raise  # the job's own time has run out, and its alarm rings once
    except Exception:
        _count_failure()


def _count_failure() -> None:
    try:
        redis = get_current_job().connection
        redis.incr(keys.HOOK_FAILURES)
        redis.expire(keys.HOOK_FAILURES, FAILURES_TTL_S)
    except Exception:
        frappe.logger("job_console").warning("A hook of Job Console failed, and could not be counted.", exc_info=True)

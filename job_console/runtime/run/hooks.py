"""Hooks that run inside other people's jobs.

They never raise and never wait, and cost one round trip before the job and one after it, on the connection that the
horse already holds; one more at the end of a job that reported progress, and of one that failed and may be tried again.
The exceptions are the job's own timeout, whose signal may arrive in here, and what a policy demands: a job whose policy
names a lock waits for it, and fails when it cannot be had; one whose policy lets no more run at once, or whose method
somebody paused, is parked.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import frappe
from frappe import _
from redis.exceptions import RedisError
from rq import get_current_job
from rq.timeouts import JobTimeoutException

from job_console.bridge import logs, realtime, unreachable
from job_console.bridge.sweep import incidents
from job_console.engine.models.jobs import Call
from job_console.engine.operate import rq_settings  # noqa: F401  a worker that does not fork obeys from here on
from job_console.engine.redis import keys
from job_console.engine.redis import limits as redis_limits
from job_console.engine.rq import call

from .. import current_run
from ..current_run import CurrentRun
from ..enqueue import at_start, everywhere, own_jobs
from ..progress import frappe_events, progress
from ..transactions import writes
from . import holds, log, outcome, policy, retries, sentry, stacks, traces
from .batch import Batch


def before_job(method: str | None = None, kwargs: dict[str, Any] | None = None) -> None:
    at_start.install()  # where bench's command line has not: see commands.py
    job = get_current_job()
    if job is None:
        return
    _guarded(lambda: current_run.begin(job))
    _in_one_batch(
        lambda run, batch: policy.ask(run, _asked(method, kwargs), batch),
        lambda run, batch: holds.ask(run, _asked(method, kwargs), batch),
        lambda run, batch: retries.ask(run, batch),
        lambda run, batch: traces.begin(run, _asked(method, kwargs), batch),
        lambda run, batch: realtime.ask(batch.pipeline, batch.then),
        log.begin,
        stacks.arm,
    )
    _with_run(lambda run: sentry.begin(run, _asked(method, kwargs)))
    _guarded(frappe_events.listen, lambda: writes.listen(begins=True))
    try:
        _with_run(holds.wait, lambda run: policy.take_place(run, _asked(method, kwargs)))
        policy.take_lock(current_run.of(job), _asked(method, kwargs))
    except BaseException:
        after_job(method, kwargs)  # Frappe calls it for what failed after its hooks only
        raise


def after_job(method: str | None = None, kwargs: dict[str, Any] | None = None) -> None:
    _with_run(stacks.finish, lambda run: run.release_lock())
    _in_one_batch(
        lambda run, batch: retries.end(run, _asked(method, kwargs), batch),
        lambda run, batch: policy.count_obedience(run, method, _asked(method, kwargs), batch),
        lambda run, batch: everywhere.write_early(batch.pipeline),
        lambda run, batch: outcome.end(run, _asked(method, kwargs), batch.pipeline),
        lambda run, batch: own_jobs.end(run, _asked(method, kwargs), batch.pipeline),
        policy.leave_place,
        lambda run, batch: policy.give_key_back(run, _asked(method, kwargs), batch),
        lambda run, batch: realtime.ask(batch.pipeline, batch.then),
        lambda run, batch: incidents.ask(batch.pipeline, batch.then),
        log.end,
        stacks.disarm,
    )
    _with_run(progress.end, traces.end, sentry.end, current_run.end)


def scheduled_job_wrote(doc: object, event: str | None = None) -> None:
    """Scheduled Job Type and Scheduled Job Log changed, perhaps while an exception is being handled."""
    _with_run(outcome.note_hidden_failure)


def action_failed(doc: Any, event: str | None = None) -> None:
    """What `Document.queue_action` has enqueued failed: Frappe catches that, and comments on the document."""
    job = getattr(frappe.local, "job", None)
    if job and job.method == call.ACTION and (doc.content or "").startswith(_("Action Failed")):
        _with_run(outcome.note_hidden_failure)


def _asked(method: str | None, kwargs: dict[str, Any] | None) -> Call:
    """What `execute_job` was called for."""
    job = getattr(frappe.local, "job", None)  # gone when Frappe ends a job that it ran again in place
    user = job.user if job else None
    return call.wrapped({"site": frappe.local.site, "method": method, "kwargs": kwargs, "user": user})


def _in_one_batch(*steps: Callable[[CurrentRun, Batch], object]) -> None:
    """What each of these wants to know or to write, in one round trip."""

    def send(run: CurrentRun) -> None:
        batch = Batch(run.job.connection)
        _guarded(*(partial(step, run, batch) for step in steps))
        _guarded(*batch.go())

    _with_run(send)


def _with_run(*steps: Callable[[CurrentRun], object]) -> None:
    """Do these with the present run, if there is one."""
    job = get_current_job()
    if job is not None:
        _guarded(*(lambda step=step: step(current_run.of(job)) for step in steps))


def _guarded(*steps: Callable[[], object]) -> None:
    """What fails is counted, and the next is done all the same."""
    for step in steps:
        _try(step)


def _try(step: Callable[[], object]) -> None:
    try:
        step()
    except JobTimeoutException:
        raise  # the job's own timeout, which RQ raises once
    except Exception:
        _count_failure()


def _count_failure() -> None:
    try:
        job = get_current_job()
        if job is not None:
            job.connection.incr(keys.HOOK_FAILURES)
            job.connection.expire(keys.HOOK_FAILURES, redis_limits.HOOK_FAILURES_TTL_S)
    except RedisError as error:
        with suppress(Exception):
            unreachable.log(f"A hook of Job Console failed, and could not be counted: {error}")
    except Exception:
        logs.logger().error("A hook of Job Console failed, and could not be counted.", exc_info=True)

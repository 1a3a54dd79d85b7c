"""The current run ends: its policy decides whether the job is tried again, and the decision is written as RQ reads it.

RQ itself (1.15 to 2.7) puts a job that has retries left back among the scheduled ones: in the same record, so with the
same id, payload (site, user, arguments), timeout and callbacks, and never two at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ..models.policies import Policy
from ..models.retries import Tries
from ..progress import flags
from ..progress.early_exit import EarlyExit, StopAsked
from ..progress.stopped import end_as_stopped
from ..redis.link import Pipeline
from . import circuit as circuits
from . import store
from .judge import Failed, chance, judge, may_count, names_of
from .models import AGAIN

#: RQ's `Job`, of the run that this process is in: `rq.get_current_job()`.
RunningJob = Any


def ended(
    pipeline: Pipeline,
    job: RunningJob,
    policy: Policy | None,
    before: Tries | None,
    error: BaseException | None,
    circuit: str,
    hidden: bool = False,
) -> None:
    """Decide what follows from the end of the run, and put it on the pipeline.

    `before`: the attempts that were recorded until now; `error`: what the run raised, None when it succeeded;
    `circuit`: the name of its method's circuit; `hidden`: the run failed, but RQ takes it for a success, as Frappe's
    wrapper of scheduled jobs swallows exceptions.
    """
    if error is None:
        _well(pipeline, job, policy, before, circuit)
    elif isinstance(error, StopAsked):
        _never_again(job)
        end_as_stopped(job)
    elif not isinstance(error, EarlyExit):
        _failed(pipeline, job, policy, before, error, circuit, hidden)


def _well(pipeline: Pipeline, job: RunningJob, policy: Policy | None, before: Tries | None, circuit: str) -> None:
    if (policy is not None and may_count(policy)) or (before is not None and before.circuit):
        circuits.ended_well(pipeline, circuit)
    if before is not None:
        store.ended_well(pipeline, job.id)


def _failed(
    pipeline: Pipeline,
    job: RunningJob,
    policy: Policy | None,
    before: Tries | None,
    error: BaseException,
    circuit: str,
    hidden: bool,
) -> None:
    now = datetime.now(timezone.utc)
    left_to_rq = (job.retries_left or 0) > 0 and not hidden
    if not left_to_rq and (policy is None or policy.attempts <= 1):
        return
    if flags.TO_END & flags.read(job.connection, job.id).keys():
        # It caught the interruption, or failed before it came.
        _never_again(job)
    elif left_to_rq:
        _leave_to_rq(pipeline, job, now)
    elif policy is not None:
        kind, message = type(error).__name__, str(error)
        what = Failed(job.created_at, job.started_at, now, kind, message, names_of(error), circuit=circuit)
        _note(pipeline, job, judge(policy, before, what, chance()), now, hidden)


def _note(pipeline: Pipeline, job: RunningJob, tries: Tries | None, now: datetime, hidden: bool) -> None:
    if tries is None:
        return
    store.note(pipeline, job.id, job.origin, tries)
    if tries.then == AGAIN and tries.next_at is not None:
        _set_rq_retry(job, max((tries.next_at - now).total_seconds(), 0.0), hidden)


def _never_again(job: RunningJob) -> None:
    """Somebody stopped it: RQ must not retry it either, whatever `Retry` the application gave it."""
    job.retries_left = 0


def _leave_to_rq(pipeline: Pipeline, job: RunningJob, now: datetime) -> None:
    """The application gave the job a `Retry` of RQ's. One with an interval is put into our index, since no RQ scheduler
    runs in a bench that would enqueue it when it is due.
    """
    after_s = job.get_retry_interval()
    if after_s:
        store.index(pipeline, job.id, now + timedelta(seconds=after_s))


def _set_rq_retry(job: RunningJob, after_s: float, hidden: bool) -> None:
    if hidden:
        # It is `finished`, and must be there still when it is due.
        job.result_ttl = int(after_s) + max(job.result_ttl or 0, 600)
        return
    job.retries_left = 1
    # On the object, not in the record. Never 0: RQ would put it into the lane behind the back of the index.
    job.get_retry_interval = lambda: max(after_s, 0.001)

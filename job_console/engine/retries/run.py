"""The run that this process is in has failed: what its policy makes of that, told to RQ.

RQ itself puts a job that has retries left back among the scheduled ones, in rq 1.15 as in 2.6: same record, so the same
id, payload (site, user, arguments), timeout and callbacks, and never two at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ..link import Pipeline
from ..policies.models import Policy
from . import store
from .judge import Failed, chance, judge, names_of
from .models import AGAIN, Tries

#: RQ's `Job`, of the run that this process is in: `rq.get_current_job()`.
RunningJob = Any


def failed(
    pipeline: Pipeline,
    job: RunningJob,
    policy: Policy | None,
    before: Tries | None,
    error: BaseException,
    hidden: bool = False,
    circuit: str = "",
) -> Tries | None:
    """Put on the pipeline what is decided. `hidden`: for RQ the run ends well, as a scheduled job of Frappe's does.

    `circuit`: the name of its method's.
    """
    now = datetime.now(timezone.utc)
    if (job.retries_left or 0) > 0 and not hidden:
        _leave_to_rq(pipeline, job, now)
        return None
    if policy is None:
        return None
    what = Failed(
        job.created_at, job.started_at, now, type(error).__name__, str(error), names_of(error), circuit=circuit
    )
    tries = judge(policy, before, what, chance())
    if tries is None:
        return None
    store.note(pipeline, job.id, job.origin, tries)
    if tries.then == AGAIN and tries.next_at is not None:
        _tell_rq(job, max((tries.next_at - now).total_seconds(), 0.0), hidden)
    return tries


def _leave_to_rq(pipeline: Pipeline, job: RunningJob, now: datetime) -> None:
    """The application asked RQ for retries. Those with an interval need somebody who moves them."""
    after_s = job.get_retry_interval()
    if after_s:
        store.index(pipeline, job.id, now + timedelta(seconds=after_s))


def _tell_rq(job: RunningJob, after_s: float, hidden: bool) -> None:
    if hidden:
        # It is `finished`, and must be there still when it is due.
        job.result_ttl = int(after_s) + max(job.result_ttl or 0, 600)
        return
    job.retries_left = 1
    # On the object, not in the record. Never 0: RQ would put it into the lane behind the back of the index.
    job.get_retry_interval = lambda: max(after_s, 0.001)

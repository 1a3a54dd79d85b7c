"""Why a job is where it is, in plain words, the most immediate cause first, each with its evidence and its remedies.

`because` is pure: what it knows is the job (`detail`), one look at the bench, and a few facts that `facts` reads. Where
a detector has words for a cause, the detector is asked, so that a warning and an explanation never disagree.

One module a group of states: `waiting` (queued), `parked` (deferred, scheduled), `running`, `ended`.
"""

from __future__ import annotations

from collections.abc import Callable

from . import ended, parked, running, unborn, waiting
from .case import Case, Explanation, Reason

_BY_STATUS: dict[str, Callable[[Case], Explanation]] = {
    "queued": waiting.explain_queued,
    "started": running.explain_started,
    "deferred": parked.explain_deferred,
    "scheduled": parked.explain_scheduled,
    "failed": ended.explain_failed,
    "stopped": ended.explain_stopped,
    "canceled": ended.explain_canceled,
    "finished": ended.explain_finished,
}


def because(case: Case) -> Explanation:
    explain = _BY_STATUS.get(case.job.status)
    if explain is None and case.job.status in unborn.STATUSES:
        return unborn.explain(case)
    if explain is None:
        return Explanation((Reason(f"Its record says {case.job.status!r}, which is no state of RQ's."),))
    return explain(case)


__all__ = ["Case", "Explanation", "Reason", "because"]

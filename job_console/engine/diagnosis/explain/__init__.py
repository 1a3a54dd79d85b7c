"""Why a job is where it is, in plain words, the most immediate cause first, each with its evidence and its remedies.
Offers `because`, which is pure: it knows the job, one look at the bench, and what `facts` has read. May import
`diagnosis` and what that may: where a detector has words for a cause it is asked, so that both say the same.

One module a group of states: `waiting` (queued), `parked` (deferred, scheduled), `running`, `ended`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...messages import _, joined
from .. import job_states
from ..detectors.undecodable import ENDS_WORKERS
from . import created, ended, parked, running, waiting
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
    **dict.fromkeys(created.STATUSES, created.explain),
}


#: Of a job that a worker runs, by what its record says.
_RUN_ALL_THE_SAME = {
    "queued": _(
        "Worker {worker} runs it at this moment, though its record says {status}: it was enqueued again while it ran, "
        "and will run once more."
    ),
    "canceled": _(
        "Worker {worker} runs it at this moment, though its record says {status}: RQ cancels what waits, and leaves "
        "alone what runs."
    ),
}
_CHANGED = _(
    "Worker {worker} runs it at this moment, though its record says {status}: its record was changed, and its run was "
    "not ended."
)


def because(case: Case) -> Explanation:
    explain = _BY_STATUS.get(case.job.status)
    if explain is None:
        text = _("Its record says {status!r}, which is no state of RQ's.").format(status=case.job.status)
        harm = ENDS_WORKERS.format(job=case.job.id, problem=case.job.unloadable) if case.job.unloadable else ""
        reported = Explanation((Reason(joined((text, harm))),))
    else:
        reported = explain(case)
    return _with_who_runs_it(case, _with_its_place(case, reported))


def _with_who_runs_it(case: Case, reported: Explanation) -> Explanation:
    """With the worker that runs it although its record says something else: for a moment that is usual."""
    taken = case.job.status == "queued" and case.detail.position is None
    if case.job.status == "started" or taken:
        return reported
    worker = next((each for each in case.bench.workers if each.alive and each.job_id == case.job.id), None)
    if worker is None:
        return reported
    text = _RUN_ALL_THE_SAME.get(case.job.status, _CHANGED).format(worker=worker.name, status=case.job.status)
    reason = Reason(text, {"record": case.job.status, "worker": worker.name})
    # What would run it again is refused as long as that one goes on.
    return replace(reported, reasons=(reason, *map(_without_retry, reported.reasons)), needs_proof=True)


def _without_retry(reason: Reason) -> Reason:
    return replace(reason, remedies=tuple(each for each in reason.remedies if each.action != "retry"))


def _with_its_place(case: Case, reported: Explanation) -> Explanation:
    """With what its place says, where that is not what its record says."""
    places = case.facts.places
    if places is None:
        return reported
    # Where RQ's Repeat has put it, it stands rightly: `ended` says when it is to run again.
    found = job_states.cell(case.job.status, places - {"scheduled"} if case.job.repeats else places)
    tells = found.code in (None, "duplicated") and (found.verdict != job_states.WELL or not reported.reasons)
    if not tells:
        return reported
    evidence = {"record": case.job.status, "places": sorted(places)}
    said = _("nothing of a state") if case.job.status == "unknown" else case.job.status
    text = _("Its record says {said}. {text}").format(said=said, text=found.text)
    reason = Reason(text, evidence, job_states.remedies(found))
    first = found.verdict in (job_states.LOST, job_states.ODD) or not reported.reasons
    return replace(reported, reasons=(reason, *reported.reasons) if first else (*reported.reasons, reason))


#: The figure that its explanation names too.
expected_start = waiting.expected

__all__ = ["Case", "Explanation", "Reason", "because", "expected_start"]

"""Why a job that waits for other jobs, or for its time, is not in a queue yet."""

from __future__ import annotations

from .. import limits
from ..detectors import blocked_dependency, scheduled_overdue
from ..detectors.words import duration, iso
from ..models import Job
from .case import Case, Explanation, Reason, asked

_LISTED = 3


def explain_deferred(case: Case) -> Explanation:
    statuses = {job.id: None if job.status == "vanished" else job.status for job in case.facts.dependencies}
    blocked = asked(case, blocked_dependency.detect, deferred=(case.job,), dependencies=statuses)
    awaited = [job for job in case.facts.dependencies if job.status not in ("finished", "vanished")]
    details = [_failure(case, job) for job in awaited if job.status in ("failed", "stopped")]
    open_ones = [job for job in awaited if job.status not in ("failed", "stopped", "canceled")]
    waits = [_waits(case, job) for job in open_ones[:_LISTED]]
    if len(open_ones) > _LISTED:
        waits.append(Reason(f"And for {len(open_ones) - _LISTED} more jobs."))
    if not (blocked or waits):
        waits.append(Reason("It waits for other jobs, but its record names none."))
    return Explanation((*blocked, *details, *waits), needs_proof=bool(blocked))


def _failure(case: Case, job: Job) -> Reason:
    error = f": {job.error.type}: {job.error.message}" if job.error and case.scope.owns(job) else ""
    return Reason(f"{case.name_of(job)} {job.status}{case.ago(job.ended_at)}{error}".rstrip(".") + ".")


def _waits(case: Case, job: Job) -> Reason:
    state = {
        "started": f"has run for {case.since(job.started_at)}" if job.started_at else "is running",
        "queued": f"waits itself, in {job.queue.rpartition(':')[2]}",
        "deferred": "waits for other jobs itself",
        "scheduled": "is to run later",
    }.get(job.status, f"is {job.status}")
    visible = job.id if case.scope.owns(job) else None
    return Reason(
        f"It waits for {case.name_of(job)}, which {state}.", {"dependency": visible, "dependency_status": job.status}
    )


def explain_scheduled(case: Case) -> Explanation:
    due, mover = case.job.due_at, case.lane is not None and case.lane.has_mover
    overdue = asked(case, scheduled_overdue.detect, overdue=(case.job,)) if due else []
    if overdue:
        return Explanation(tuple(overdue), needs_proof=True)
    evidence = {"due_at": iso(due), "scheduler_runs": mover}
    if due is None:
        return Explanation((Reason("It is to run later, but stands in no list that says when.", evidence),))
    seconds = (due - case.now).total_seconds()
    when = f"It is due in {duration(seconds)}." if seconds > limits.AT_ONCE_S else "It is due now."
    reasons = [Reason(when, evidence)]
    if not mover:
        what = f"Nothing will move it then: no scheduler of RQ runs for {case.lane_label}"
        reasons.append(Reason(f"{what}, and Frappe's workers have none.", {"scheduler_runs": False}))
    reasons += _earlier(case)
    return Explanation(tuple(reasons), expected_start_s=max(seconds, 0.0) if mover else None)


def _earlier(case: Case) -> list[Reason]:
    """It has run before and is to be tried again."""
    failed = next((run for run in reversed(case.detail.runs) if run.error), None)
    if failed is None or failed.error is None:
        return []
    return [Reason(f"It failed before{case.ago(failed.ended_at)}: {failed.error.type}: {failed.error.message}.")]

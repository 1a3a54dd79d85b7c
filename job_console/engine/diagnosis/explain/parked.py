"""Why a job that waits for other jobs, or for its time, is not in a queue yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ...models.holds import METHOD, of_method, place
from ...models.jobs import Job
from ...models.progress import HELD, PARTS, PLACE, Parked, Progress
from ...models.retries import Circuit, Tries
from ...models.warnings import Remedy
from ...progress import words as progress
from ...retries.models import AGAIN
from ...wording import duration, iso, many
from .. import limits
from ..detectors import blocked_dependency, paused, scheduled_overdue
from ..detectors.crash_loop import CLOSE
from .case import Case, Explanation, Reason, asked

_LISTED = 3
ASK_AGAIN = Remedy("unpause", "Ask again", "It goes to the end of its lane, and asks for a place when it starts.")
WAKE = Remedy("unpause", "Bring it back", "It goes to the end of its lane.")
UNPAUSE = Remedy("unpause", "Resume it", "It goes to the end of its lane, and on after its last chunk.")


def explain_deferred(case: Case) -> Explanation:
    statuses = {job.id: None if job.status == "vanished" else job.status for job in case.facts.dependencies}
    blocked = asked(case, blocked_dependency.detect, deferred=(case.job,), dependencies=statuses)
    awaited = [job for job in case.facts.dependencies if job.status not in ("finished", "vanished")]
    details = [_failure(case, job) for job in awaited if job.status in ("failed", "stopped")]
    open_ones = [job for job in awaited if job.status not in ("failed", "stopped", "canceled")]
    waits = [_waits(case, job) for job in open_ones[:_LISTED]]
    if len(open_ones) > _LISTED:
        waits.append(Reason(f"And for {len(open_ones) - _LISTED} more jobs."))
    left = len(case.job.dependencies) - len(case.facts.dependencies)
    if left > 0:
        waits.append(Reason(f"It depends on {many(left, 'more job')}, which were not looked at."))
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
    said = case.job.progress
    if said is not None and said.parked is not None and said.parked.until == PLACE:
        return Explanation((_for_a_place(case, said.parked), *_earlier(case)))
    if said is not None and said.parked is not None and said.parked.until == HELD:
        return Explanation((_method_held(case, said.parked), *_earlier(case)))
    if said is not None and said.parked is not None:
        return Explanation((_left(case, said, said.parked), *_earlier(case)))
    if case.job.tries is not None and case.job.tries.then == AGAIN:
        return _to_be_tried_again(case, case.job.tries)
    if case.job.retry_at is not None:
        return _to_be_retried(case, case.job.retry_at)
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


def _to_be_tried_again(case: Case, tries: Tries) -> Explanation:
    """By its policy. Any process's sweep moves it: no scheduler of RQ is needed."""
    opened = case.bench.circuits.get(tries.circuit)
    due = case.job.due_at or tries.next_at
    left = (due - case.now).total_seconds() if due else 0.0
    when = f"due in {duration(left)}" if left > limits.AT_ONCE_S else "due now"
    failed = tries.history[-1] if tries.history else None
    what = f": {failed.type}: {failed.message}".rstrip(" :.") if failed else ""
    evidence = {"policy": tries.policy, "failed": tries.failed, "of": tries.of, "next_at": iso(due)}
    if opened is not None:
        return Explanation((_held(case, tries, opened),))
    text = f"Attempt {tries.failed} of {tries.of} failed{what}. The next one is {when}."
    return Explanation((Reason(text, evidence),), expected_start_s=max(left, 0.0))


def _to_be_retried(case: Case, due: datetime) -> Explanation:
    """The application asked RQ for retries, which nothing of Frappe's moves: we do."""
    left = (due - case.now).total_seconds()
    when = f"due in {duration(left)}" if left > limits.AT_ONCE_S else "due now"
    text = f"It failed and is to be tried again, as its application asked RQ. The next attempt is {when}."
    return Explanation((Reason(text, {"next_at": iso(due)}), *_earlier(case)), expected_start_s=max(left, 0.0))


def _held(case: Case, tries: Tries, opened: Circuit) -> Reason:
    """Its method fails every time."""
    text = (
        f"Attempt {tries.failed} of {tries.of} failed, and so did all others of {opened.method}: "
        f"{many(opened.jobs, 'job')}, none well{case.ago(opened.opened_at) and ' since' + case.ago(opened.opened_at)}. "
        "So its circuit is open: one of its retries is tried each minute, and when that ends well, all of them are."
    )
    evidence = {"circuit": tries.circuit, "jobs": opened.jobs, "held": opened.held, "trial_at": iso(opened.trial_at)}
    return Reason(text, evidence, (CLOSE,))


def _for_a_place(case: Case, parked: Parked) -> Reason:
    """Its policy lets no more run at once."""
    stands, parts = case.facts.standing, [f"It waits for a place: {parked.reason}."]
    evidence: dict[str, object] = {"waits_since": iso(parked.at)}
    if stands is not None:
        parts += [_has_one(case, job) for job in stands.holders if job.status != "vanished"]
        if stands.ahead:
            parts.append(f"{many(stands.ahead, 'job has', 'jobs have')} waited for one longer.")
        elif stands.ahead is None:
            parts.append("It is about to be brought back to its lane.")
        owned = [job.id for job in stands.holders if case.scope.owns(job)]
        evidence |= {"runs": stands.runs, "holders": owned, "ahead": stands.ahead}
    return Reason(" ".join(parts), evidence, (ASK_AGAIN,))


def _method_held(case: Case, parked: Parked) -> Reason:
    """Somebody paused its method."""
    hold = case.bench.holds.get(place(METHOD, of_method(case.job.site, case.job.call.method)))
    evidence = {"method": case.job.call.method, "site": case.job.site, "waits_since": iso(parked.at)}
    if hold is None:
        return Reason("Its method was paused, and is not any more: it is about to be brought back.", evidence, (WAKE,))
    text = f"Its method is paused {paused.said(case.bench, hold)} It goes to the end of its lane then."
    return Reason(text, {**evidence, "until": iso(hold.until)}, (paused.RESUME_METHOD,))


def _has_one(case: Case, job: Job) -> str:
    if job.status != "started":
        return f"One is kept for {case.name_of(job)}, which starts next."
    return f"{case.name_of(job)} has one{f', for {ran}' if (ran := case.since(job.started_at)) else ''}."


def _left(case: Case, said: Progress, parked: Parked) -> Reason:
    """Its last run has left it."""
    place = f"at {progress.place(said)}"
    if said.chunks is not None:
        place += f"; {progress.safe(said.chunks)}"
    why = f": {parked.reason}" if parked.reason else ""
    if parked.until == PARTS:
        text = (
            f"Its own part is done, {place}. It goes on when its other parts are done; one that failed is to be retried"
        )
        remedy = replace(UNPAUSE, label="Look again", explain="It looks whether its other parts are done.")
    else:
        text = f"It was paused by {parked.by}{case.ago(parked.at)}{why}, {place}. It goes on when somebody resumes it"
        remedy = UNPAUSE
    return Reason(f"{text}.", {"paused_by": parked.by, "paused_at": iso(parked.at), "done": said.done}, (remedy,))


def _earlier(case: Case) -> list[Reason]:
    """It has run before and is to be tried again."""
    failed = next((run for run in reversed(case.detail.runs) if run.error), None)
    if failed is None or failed.error is None:
        return []
    return [Reason(f"It failed before{case.ago(failed.ended_at)}: {failed.error.type}: {failed.error.message}.")]

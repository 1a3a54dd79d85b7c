"""Why a job that waits for other jobs, or for its time, is not in a queue yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ... import wording
from ...messages import _, joined
from ...models.bench import label
from ...models.holds import METHOD, of_method, place
from ...models.jobs import Failure, Job
from ...models.progress import HELD, PARTS, PLACE, Parked, Progress
from ...models.retries import Circuit, Tries, Try
from ...models.warnings import Remedy
from ...progress import words as progress
from ...retries.models import AGAIN
from ...wording import duration, iso, many
from .. import limits
from ..detectors import blocked_dependency, paused, scheduled_overdue
from ..detectors.crash_loop import CLOSE
from . import ttl
from .case import Case, Explanation, Reason, asked

_LISTED = 3
ASK_AGAIN = Remedy("unpause", _("Ask again"), _("It goes to the end of its lane, and asks for a place when it starts."))
WAKE = Remedy("unpause", _("Bring it back"), _("It goes to the end of its lane."))
UNPAUSE = Remedy("unpause", _("Resume it"), _("It goes to the end of its lane, and on after its last chunk."))


_AWAITED = {
    "started": _("It waits for {job}, which is running."),
    "queued": _("It waits for {job}, which waits itself, in {lane}."),
    "deferred": _("It waits for {job}, which waits for other jobs itself."),
    "scheduled": _("It waits for {job}, which is to run later."),
    **dict.fromkeys(
        ("created", "unknown"),
        _("It waits for {job}, which was made and stands in no queue: that runs when whoever made it enqueues it."),
    ),
}


def explain_deferred(case: Case) -> Explanation:
    read = {job.id: None if job.status == "vanished" else job.status for job in case.facts.dependencies}
    statuses = {**case.facts.awaited, **read}
    blocked = asked(case, blocked_dependency.detect, deferred=(case.job,), dependencies=statuses)
    if not blocked:
        seen = (job for lane in case.bench.lanes for job in lane.deferred)
        circle = blocked_dependency.circle_of(case.job, (*seen, *case.facts.dependencies))
        blocked = [Reason(circle, {}, (blocked_dependency.CANCEL,))] if circle else []
    others = (job for job in case.facts.dependencies if job.id != case.job.id)
    awaited = [job for job in others if job.status not in ("finished", "vanished")]
    details = [_failure(case, job) for job in awaited if job.status in ("failed", "stopped")]
    open_ones = [job for job in awaited if job.status not in ("failed", "stopped", "canceled")]
    waits = [_waits(case, job) for job in open_ones[:_LISTED]]
    more = max(len(open_ones) - _LISTED, 0) + sum(statuses[each] in _AWAITED for each in statuses.keys() - read.keys())
    if more:
        text = _("And for {count} more jobs.") if waits else _("Still to end of the jobs that it waits for: {count}.")
        waits.append(Reason(text.format(count=more)))
    left = len(set(case.job.dependencies)) - len(statuses)
    if left > 0:
        text = many(
            left,
            _("It depends on {count:,} more job, which was not looked at."),
            _("It depends on {count:,} more jobs, which were not looked at."),
        )
        waits.append(Reason(text))
    if not (blocked or waits):
        waits.append(Reason(_("It waits for other jobs, but its record names none.")))
    return Explanation((*blocked, *details, *waits, *ttl.ends(case)), needs_proof=bool(blocked))


def _failure(case: Case, job: Job) -> Reason:
    error = _error(job.error) if job.error and case.scope.owns(job) else ""
    if job.status == "failed":
        text = _("{job} failed {ago}: {error}") if error else _("{job} failed {ago}")
    else:
        text = _("{job} stopped {ago}: {error}") if error else _("{job} stopped {ago}")
    said = text.format(job=case.name_of(job), ago=case.ago(job.ended_at), error=error.rstrip("."))
    return Reason(joined((said, "."), ""))


def _error(error: Failure | Try) -> str:
    return f"{error.type}: {error.message}".rstrip(" :.")


def _waits(case: Case, job: Job) -> Reason:
    if job.status == "started" and job.started_at:
        text = _("It waits for {job}, which has run for {since}.")
    else:
        text = _AWAITED.get(job.status, _("It waits for {job}, which is {status}."))
    since, lane = case.since(job.started_at), label(job.queue)
    visible = job.id if case.scope.owns(job) else None
    return Reason(
        text.format(job=case.name_of(job), since=since, lane=lane, status=wording.state(job.status)),
        {"dependency": visible, "dependency_status": job.status},
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
        text = _("It is to run later, but stands in no list that says when.")
        if case.facts.places and "scheduled" in case.facts.places:
            text = _(
                "It is scheduled for a time that is no date, as when milliseconds are written for seconds: it will "
                "never run. Delete it, and enqueue it anew."
            )
        return Explanation((Reason(text, evidence),))
    seconds = (due - case.now).total_seconds()
    when = (
        _("It is due in {duration}.").format(duration=duration(seconds))
        if seconds > limits.AT_ONCE_S
        else _("It is due now.")
    )
    reasons = [*_wants_another_run(case), Reason(when, evidence)]
    if not mover:
        text = _("Nothing will move it then: no scheduler of RQ runs for {lane}, and Frappe's workers have none.")
        reasons.append(Reason(text.format(lane=case.lane_label), {"scheduler_runs": False}))
    reasons += [*_earlier(case), *ttl.ends(case)]
    return Explanation(tuple(reasons), expected_start_s=max(seconds, 0.0) if mover else None)


def _wants_another_run(case: Case) -> list[Reason]:
    """Its last run did not fail: it returned RQ's Retry (2.1 and later). RQ keeps no word of that but the record's."""
    job = case.job
    ran = job.started_at is not None and job.ended_at is not None and job.ended_at >= job.started_at
    if not ran or job.retries_left is not None or any(run.error for run in case.detail.runs):
        return []
    text = _("Its last run ended {ago}, did not fail, and asked for another one, as it does by returning RQ's Retry.")
    return [Reason(text.format(ago=case.ago(job.ended_at)), {"ended_at": iso(job.ended_at)})]


def _to_be_tried_again(case: Case, tries: Tries) -> Explanation:
    """By its policy. Any process's sweep moves it: no scheduler of RQ is needed."""
    opened = case.bench.circuits.get(tries.circuit)
    due = case.job.due_at or tries.next_at
    left = (due - case.now).total_seconds() if due else 0.0
    when = _("due in {duration}").format(duration=duration(left)) if left > limits.AT_ONCE_S else _("due now")
    failed = tries.history[-1] if tries.history else None
    evidence = {"policy": tries.policy, "failed": tries.failed, "of": tries.of, "next_at": iso(due)}
    if opened is not None:
        return Explanation((_held(case, tries, opened),))
    text = _("Attempt {failed} of {of} failed: {error}.") if failed else _("Attempt {failed} of {of} failed.")
    said = text.format(failed=tries.failed, of=tries.of, error=_error(failed) if failed else "")
    text = joined((said, _("The next one is {when}.").format(when=when)))
    return Explanation((Reason(text, evidence),), expected_start_s=max(left, 0.0))


def _to_be_retried(case: Case, due: datetime) -> Explanation:
    """The application asked RQ for retries, which nothing of Frappe's moves: we do."""
    left = (due - case.now).total_seconds()
    when = _("due in {duration}").format(duration=duration(left)) if left > limits.AT_ONCE_S else _("due now")
    text = _("It failed and is to be tried again, as its application asked RQ. The next attempt is {when}.").format(
        when=when
    )
    return Explanation((Reason(text, {"next_at": iso(due)}), *_earlier(case)), expected_start_s=max(left, 0.0))


def _held(case: Case, tries: Tries, opened: Circuit) -> Reason:
    """Its method fails every time."""
    text = _(
        "Attempt {failed} of {of} failed, and so did all others of {method}: {jobs}, none "
        "well {since}. So its circuit is open: one of its retries is tried each minute, and when "
        "that ends well, all of them are."
    ).format(
        failed=tries.failed,
        of=tries.of,
        method=opened.method,
        jobs=many(opened.jobs, _("{count:,} job"), _("{count:,} jobs")),
        since=_("since {duration} ago").format(duration=case.since(opened.opened_at)) if opened.opened_at else "",
    )
    evidence = {"circuit": tries.circuit, "jobs": opened.jobs, "held": opened.held, "trial_at": iso(opened.trial_at)}
    return Reason(text, evidence, (CLOSE,))


def _for_a_place(case: Case, parked: Parked) -> Reason:
    """Its policy lets no more run at once."""
    stands = case.facts.standing
    parts: list[str] = [_("It waits for a place: {reason}.").format(reason=parked.reason)]
    evidence: dict[str, object] = {"waits_since": iso(parked.at)}
    if stands is not None:
        parts += [_has_one(case, job) for job in stands.holders if job.status != "vanished"]
        if stands.ahead:
            parts.append(
                many(
                    stands.ahead,
                    _("{count:,} job has waited for one longer."),
                    _("{count:,} jobs have waited for one longer."),
                )
            )
        elif stands.ahead is None:
            parts.append(_("It is about to be brought back to its lane."))
        owned = [job.id for job in stands.holders if case.scope.owns(job)]
        evidence |= {"runs": stands.runs, "holders": owned, "ahead": stands.ahead}
    return Reason(joined(parts), evidence, (ASK_AGAIN,))


def _method_held(case: Case, parked: Parked) -> Reason:
    """Somebody paused its method."""
    hold = case.bench.holds.get(place(METHOD, of_method(case.job.site, case.job.call.method)))
    evidence = {"method": case.job.call.method, "site": case.job.site, "waits_since": iso(parked.at)}
    if hold is None:
        return Reason(
            _("Its method was paused, and is not any more: it is about to be brought back."), evidence, (WAKE,)
        )
    text = _("Its method is paused {said} It goes to the end of its lane then.").format(
        said=paused.said(case.bench, hold)
    )
    return Reason(text, {**evidence, "until": iso(hold.until)}, (paused.RESUME_METHOD,))


def _has_one(case: Case, job: Job) -> str:
    if job.status != "started":
        return _("One is kept for {name_of}, which starts next.").format(name_of=case.name_of(job))
    text = _("{name_of} has one, for {ran}.") if job.started_at else _("{name_of} has one.")
    return text.format(name_of=case.name_of(job), ran=case.since(job.started_at))


def _left(case: Case, said: Progress, parked: Parked) -> Reason:
    """Its last run has left it."""
    place: str = _("at {place}").format(place=progress.place(said))
    if said.chunks is not None:
        place = joined((place, progress.safe(said.chunks)), "; ")
    if parked.until == PARTS:
        text = _(
            "Its own part is done, {place}. It goes on when its other parts are done; one that failed is to be retried."
        ).format(place=place)
        remedy = replace(UNPAUSE, label=_("Look again"), explain=_("It looks whether its other parts are done."))
    else:
        text = _("It was paused by {by} {ago}, {place}. It goes on when somebody resumes it.")
        if parked.reason:
            text = _("It was paused by {by} {ago}: {reason}, {place}. It goes on when somebody resumes it.")
        text = text.format(by=parked.by, ago=case.ago(parked.at), reason=parked.reason, place=place)
        remedy = UNPAUSE
    return Reason(text, {"paused_by": parked.by, "paused_at": iso(parked.at), "done": said.done}, (remedy,))


def _earlier(case: Case) -> list[Reason]:
    """It has run before and is to be tried again."""
    failed = next((run for run in reversed(case.detail.runs) if run.error), None)
    if failed is None or failed.error is None:
        return []
    return [
        Reason(
            _("It failed before {ago}: {type}: {message}.").format(
                ago=case.ago(failed.ended_at), type=failed.error.type, message=failed.error.message
            )
        )
    ]

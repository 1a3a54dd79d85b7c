"""Why a queued job has not started yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...messages import _
from ...models.bench import Ghost
from ...models.expected import Expected
from ...models.holds import METHOD, of_method, place
from ...policies import limits as policies_limits
from ...rq import limits as rq_limits
from ...wording import duration, iso, ordinal
from .. import limits
from ..detectors import ghosts, in_limbo, paused, suspended, undecodable
from ..detectors.no_workers import called
from . import eta, locks, ttl, workers
from .case import Case, Explanation, Reason, asked, done_by, reason, sentence


def explain_queued(case: Case) -> Explanation:
    if case.detail.position is None:
        return _not_in_line(case)
    causes, serving = _causes(case), workers.of_lane(case)
    missing = workers.missing(case, serving)
    alive = [each for each in serving if not each.silent]
    place = [_place(case, case.detail.position)]
    if causes or not alive:
        return Explanation((*causes, *missing, *place, *ttl.ends(case), *_context(case)), case.detail.position)
    start = expected(case)
    busy = [
        *workers.occupied(case, serving),
        *workers.preferences(case, alive),
        *missing,
        _when(start),
        *ttl.ends(case),
    ]
    return Explanation((*place, *busy, *_context(case)), case.detail.position, start.within_s if start else None)


def expected(case: Case) -> Expected | None:
    """When it should start. None: it waits for no worker, or it cannot be told."""
    if case.job.status != "queued" or case.detail.position is None or _causes(case):
        return None
    return eta.expected_start(case, workers.of_lane(case), case.detail.position)


def _causes(case: Case) -> list[Reason]:
    return [found for cause in CAUSES for found in cause(case)]


def _not_in_line(case: Case) -> Explanation:
    holder = next((worker for worker in case.bench.workers if worker.job_id == case.job.id), None)
    if holder is not None and holder.state != "gone":
        return _about_to_start(
            _("Worker {worker} has just taken it: it starts in a moment.").format(worker=holder.name), case
        )
    if case.facts.other_lane:
        text = _(
            "It waits in {lane}, though its record says {origin}: that queue was renamed, or the id was put there by "
            "hand. A worker of {lane} runs it."
        ).format(lane=called(case.bench, case.facts.other_lane), origin=called(case.bench, case.job.queue))
        return Explanation((Reason(text, {"lane": case.facts.other_lane, "record": case.job.queue}), *_context(case)))
    if case.facts.between_lists:
        found = asked(case, in_limbo.detect, intermediate=(case.job,)) or _unreadable(case)
    elif case.lane is not None and case.lane.counts.queued > policies_limits.LPOS_DEPTH:
        text = _("It is behind the first {depth:,} jobs of {lane}, where {queued:,} wait.").format(
            depth=policies_limits.LPOS_DEPTH, lane=case.lane_label, queued=case.lane.counts.queued
        )
        return Explanation((Reason(text), *_context(case)))
    else:
        found = asked(case, ghosts.detect_queued, ghosts=(Ghost(case.job, "queued"),))
    if not found:
        return _about_to_start(_("A worker has just taken it from its queue: it starts in a moment."), case)
    return Explanation((*found, *_context(case)), needs_proof=True)


def _about_to_start(what: str, case: Case) -> Explanation:
    return Explanation((Reason(what), *_context(case)), expected_start_s=0.0)


def _unreadable(case: Case) -> list[Reason]:
    return asked(case, undecodable.detect, head=(case.job,))


def _suspended(case: Case) -> list[Reason]:
    return [reason(warning) for warning in suspended.detect(case.bench)]


def _paused(case: Case) -> list[Reason]:
    return [reason(warning) for warning in paused.of_lane(case.bench, case.lane)] if case.lane else []


def _method_is_paused(case: Case) -> list[Reason]:
    hold = case.bench.holds.get(place(METHOD, of_method(case.job.site, case.job.call.method)))
    if hold is None:
        return []
    text = _("Its method is paused {said} The worker that takes it puts it away until then.").format(
        said=paused.said(case.bench, hold)
    )
    return [Reason(text, {**_of_method(case), "by": hold.by, "until": iso(hold.until)}, (paused.RESUME_METHOD,))]


def _of_method(case: Case) -> dict[str, str | None]:
    return {"method": case.job.call.method, "site": case.job.site}


def _redis_is_full(case: Case) -> list[Reason]:
    """Only when it is: then workers cannot write that they start something."""
    return [
        reason(warning)
        for warning in case.warnings
        if warning.code == "redis_pressure" and warning.severity == "critical"
    ]


#: What keeps a job from starting though a worker may be free, the most immediate first. A lock that it waits for, and
#: a limit that holds it back, belong between what is wrong with the job and what is wrong with the bench.
CAUSES: tuple[Callable[[Case], list[Reason]], ...] = (
    _unreadable,
    _suspended,
    _paused,
    _method_is_paused,
    _redis_is_full,
)


def _place(case: Case, position: int) -> Reason:
    where = _("next") if position == 1 else ordinal(position)
    ahead = (case.job.enqueued_at - case.now).total_seconds() if case.job.enqueued_at else 0.0
    waited = case.since(case.job.enqueued_at) if ahead <= rq_limits.CLOCK_S else ""
    return Reason(
        _("It is {where} in {lane_label}{waited}.").format(
            where=where,
            lane_label=case.lane_label,
            waited=_(", and has waited {waited}").format(waited=waited) if waited else "",
        ),
        {"position": position, "waiting": case.lane.counts.queued if case.lane else None},
    )


def _when(start: Expected | None) -> Reason:
    if start is None:
        return Reason(_("No telling when it will start: nothing tells how long the jobs before it take."))
    evidence = {"expected_start_s": round(start.within_s, 1), "about_s": round(start.about_s, 1)}
    if start.within_s < limits.AT_ONCE_S:
        return Reason(_("It should start at once."), evidence)
    within, about = duration(start.within_s), duration(start.about_s)
    return Reason(
        (
            _("It should start within {within}, in about {about}.")
            if about != within
            else _("It should start within {within}.")
        ).format(within=within, about=about),
        evidence,
    )


_BROUGHT = {
    "retry": _("It was put back in its queue {by}"),
    "requeue": _("It was put back in its queue {by}"),
    "move": _("It was moved here {by}"),
    "front": _("It was put in front {by}"),
}


def _context(case: Case) -> Sequence[Reason]:
    """What is not the cause, and good to know."""
    entry = case.facts.action
    found = []
    if entry is not None and entry.action in _BROUGHT:
        found.append(Reason(sentence(_BROUGHT[entry.action].format(by=done_by(case, entry.action)))))
    if case.job.attempt > 1:
        found.append(Reason(_("This will be its {ordinal} attempt.").format(ordinal=ordinal(case.job.attempt))))
    return [*found, *locks.needs(case)]

"""What a started job does: runs, has lost its worker, or runs too long."""

from __future__ import annotations

from datetime import datetime

from ...messages import Message, _, joined
from ...models.bench import Ghost, Usual
from ...models.progress import Progress
from ...models.workers import Worker
from ...progress import limits as progress_limits
from ...progress import words as progress
from ...rq import limits as rq_limits
from ...wording import duration, iso, ordinal
from ..detectors import ghosts, overrunning, timeouts, worker_lost
from . import locks
from .case import Case, Explanation, Reason, asked


def explain_started(case: Case) -> Explanation:
    worker = case.bench.worker(case.job.worker)
    found = _lost(case, worker)
    if found:
        return Explanation(tuple(found), needs_proof=True)
    late = [
        *asked(case, timeouts.detect_past, running=(case.job,)),
        *asked(case, overrunning.detect, running=(case.job,)),
    ]
    near = asked(case, timeouts.detect_near, running=(case.job,))
    rest = (_runs(case, worker), *_canceled(case), *near, *locks.holds(case), *_attempt(case))
    return Explanation((*late, *locks.waits(case), *rest))


def _lost(case: Case, worker: Worker | None) -> list[Reason]:
    """A running job without a lease is a ghost, unless its worker says that it runs it."""
    if case.job.lease_until is not None:
        return asked(case, worker_lost.detect, running=(case.job,))
    if worker is not None and worker.state != "gone" and worker.job_id == case.job.id:
        return []
    return asked(case, ghosts.detect_started, ghosts=(Ghost(case.job, "started"),))


def _runs(case: Case, worker: Worker | None) -> Reason:
    job, usual = case.job, case.facts.usual
    ahead = _ahead(case, job.started_at)
    ran = None if ahead else job.elapsed_s(case.now)
    said = _said(case)
    heartbeat = max((moment for moment in (job.heartbeat_at, worker and worker.heartbeat_at) if moment), default=None)
    parts = [_for(said, ran, job.timeout_s, usual), _heard(case, worker, None if ahead else heartbeat)]
    brief = [_brief(case), _usually(usual), _("Worker: {worker}.").format(worker=worker.name) if worker else ""]
    if ahead:
        unknown = _("How long it runs is not known: its worker's clock is ahead of Redis's.")
        parts.append(unknown)
        brief.append(unknown)
    evidence = {
        "worker": job.worker,
        "started_at": iso(job.started_at),
        "heartbeat_at": iso(heartbeat),
        "timeout_s": job.timeout_s,
        "usual_s": usual.median_s if usual else None,
    }
    return Reason(joined(parts), evidence, brief=joined(brief))


def _ahead(case: Case, moment: datetime | None) -> bool:
    """Whether another clock has written that, which is wrong (`worker_stale`)."""
    return moment is not None and (moment - case.now).total_seconds() > rq_limits.CLOCK_S


def _for(said: str, ran: float | None, timeout_s: float | None, usual: Usual | None) -> Message:
    """How long it has run, behind what it tells itself."""
    first = joined((said, "."), "") if said else ""
    if ran is None:
        return joined((first or _("It is running."),))
    limit = (
        _("of the {duration} that it may").format(duration=duration(timeout_s)) if timeout_s and timeout_s > 0 else ""
    )
    median = usual.median_s if usual else None
    usually = _(", usually {duration}").format(duration=duration(median)) if median is not None else ""
    text = (
        _("It has run for {duration} {limit}{usually}.")
        if said
        else _("It is running: for {duration} {limit}{usually}.")
    )
    return joined((first, text.format(duration=duration(ran), limit=limit, usually=usually)))


def _heard(case: Case, worker: Worker | None, heartbeat: datetime | None) -> str:
    if worker is None:
        return ""
    text = _("Worker {worker} was heard of {ago}.") if heartbeat else _("Worker: {worker}.")
    return text.format(worker=worker.name, ago=case.ago(heartbeat))


def _said(case: Case) -> str:
    """`It is running and progressing: 41,230 of 80,000, about 6 min left`; "" of a job that tells nothing."""
    said = case.job.progress
    if said is None:
        return ""
    text = _("It is running: {going}") if _silent(case, said) else _("It is running and progressing: {going}")
    return text.format(going=progress.going(said, case.now))


def _brief(case: Case) -> Message:
    said = case.job.progress
    if said is None:
        return _("It is running.")
    if _silent(case, said):
        return _("It is running, but has told nothing of its progress for a while.")
    return _("It is running and progressing.")


def _usually(usual: Usual | None) -> str:
    if usual is None or usual.median_s is None:
        return ""
    return _("It usually takes {duration}.").format(duration=duration(usual.median_s))


def _silent(case: Case, said: Progress) -> bool:
    return (said.silent_s(case.now) or 0.0) >= progress_limits.PROGRESS_SILENT_S


def _canceled(case: Case) -> list[Reason]:
    """RQ's cancel takes it out of its queue; a worker that had taken it by then begins it all the same."""
    if not case.facts.places or "canceled" not in case.facts.places:
        return []
    return [Reason(_("It was canceled when a worker had taken it already: RQ runs it all the same."))]


def _attempt(case: Case) -> list[Reason]:
    return (
        [Reason(_("This is its {ordinal} attempt.").format(ordinal=ordinal(case.job.attempt)))]
        if case.job.attempt > 1
        else []
    )

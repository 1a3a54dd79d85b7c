"""What a started job does: runs, has lost its worker, or runs too long."""

from __future__ import annotations

from ...models.bench import Ghost
from ...models.workers import Worker
from ...progress import limits as progress_limits
from ...progress import words as progress
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
    rest = (_runs(case, worker), *near, *locks.holds(case), *_attempt(case))
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
    ran = job.elapsed_s(case.now)
    said = _said(case)
    text = said or "It is running"
    if ran is not None:
        text += f". It has run for {duration(ran)}" if said else f": for {duration(ran)}"
    if job.timeout_s and job.timeout_s > 0:
        text += f" of the {duration(job.timeout_s)} that it may"
    if usual is not None and usual.median_s is not None:
        text += f", usually {duration(usual.median_s)}"
    heartbeat = max((moment for moment in (job.heartbeat_at, worker and worker.heartbeat_at) if moment), default=None)
    if worker is not None:
        text += f". Worker {worker.name} was heard of{case.ago(heartbeat)}" if heartbeat else f". Worker: {worker.name}"
    evidence = {
        "worker": job.worker,
        "started_at": iso(job.started_at),
        "heartbeat_at": iso(heartbeat),
        "timeout_s": job.timeout_s,
        "usual_s": usual.median_s if usual else None,
    }
    return Reason(text + ".", evidence)


def _said(case: Case) -> str:
    """`It is running and progressing: 41,230 of 80,000, about 6 min left`; "" of a job that tells nothing."""
    said = case.job.progress
    if said is None:
        return ""
    silent = (said.silent_s(case.now) or 0.0) >= progress_limits.PROGRESS_SILENT_S
    return f"It is running{'' if silent else ' and progressing'}: {progress.going(said, case.now)}"


def _attempt(case: Case) -> list[Reason]:
    return [Reason(f"This is its {ordinal(case.job.attempt)} attempt.")] if case.job.attempt > 1 else []

"""`timeout_near`: past 80 % of its timeout. `past_timeout`: beyond it and the grace, so the alarm did not fire.

RQ interrupts a job by SIGALRM, which waits for the interpreter: a blocking C call delays it for ever. The worker's
parent kills the horse at timeout + 60 s; a worker that does not fork has no parent to do it.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import limits
from ..models import Bench, Job, Lane, Remedy, Warning
from .words import duration, iso, name
from .worker_lost import lost

STOP = Remedy(
    "stop",
    "Stop it",
    "Its process is killed. The open database transaction is rolled back; what it already sent elsewhere stays.",
    safe=False,
)


def detect_past(bench: Bench) -> Iterator[Warning]:
    for lane, job, ran, timeout in _timed(bench):
        if not past(job, ran):
            continue
        yield _warning(
            "past_timeout",
            "critical",
            lane,
            job,
            f"{name(job)} has run {duration(ran)}, {duration(ran - timeout)} beyond its timeout: "
            "its alarm did not fire.",
        )


def detect_near(bench: Bench) -> Iterator[Warning]:
    for lane, job, ran, timeout in _timed(bench):
        if timeout < limits.TIMEOUT_NEAR_MIN_S or not limits.TIMEOUT_NEAR_SHARE * timeout < ran <= timeout:
            continue
        yield _warning(
            "timeout_near",
            "info",
            lane,
            job,
            f"{name(job)} will be stopped by its timeout in {duration(timeout - ran)}.",
        )


def _timed(bench: Bench) -> Iterator[tuple[Lane, Job, float, float]]:
    for lane in bench.lanes:
        for job in lane.running:
            ran = job.elapsed_s(bench.at)
            if lost(bench.at, job, bench.worker(job.worker))[0]:
                continue  # nothing runs any more: `worker_lost`
            if job.status == "started" and ran is not None and job.timeout_s and job.timeout_s > 0:
                yield lane, job, ran, job.timeout_s


def past(job: Job, ran: float) -> bool:
    return bool(job.timeout_s and job.timeout_s > 0 and ran > job.timeout_s + limits.TIMEOUT_GRACE_S)


def _warning(code: str, severity: str, lane: Lane, job: Job, message: str) -> Warning:
    return Warning(
        code=code,
        severity=severity,
        queue=lane.name,
        job_id=job.id,
        worker=job.worker,
        site=job.site,
        since=job.started_at,
        message=message,
        evidence={"method": job.call.method, "timeout_s": job.timeout_s, "started_at": iso(job.started_at)},
        remedies=(STOP,),
    )

"""`timeout_near`: past 80 % of its timeout. `past_timeout`: beyond it and the grace, so the alarm did not fire.

RQ interrupts a job by SIGALRM, which waits for the interpreter: a blocking C call delays it for ever. The worker's
parent kills the horse at timeout + 60 s; a worker that does not fork has no parent to do it.

Wrong if: the worker's clock differs from Redis's (`worker_stale`), or the run was given more time in another way than
ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...jobs import cooperative
from ...messages import _, joined
from ...models.bench import Bench, Lane
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...policies import limits as policies_limits
from ...progress import limits as progress_limits
from ...progress import words
from ...wording import duration, iso, name
from .. import limits
from .worker_lost import lost

STOP = Remedy(
    "stop",
    _("Stop it"),
    _("Its process is killed. The open database transaction is rolled back; what it already sent elsewhere stays."),
    safe=False,
)
GENTLY = Remedy(
    "stop_gently",
    _("Stop it gently"),
    _("It is asked, then interrupted, and only then killed: as long as it can, it rolls back and cleans up."),
    safe=False,
)
HAND_OVER = Remedy(
    "hand_over",
    _("Hand over"),
    _("It commits its present chunk and leaves the rest to a fresh run. It stays the same job."),
)
MORE_TIME = Remedy(
    "more_time",
    _("More time"),
    _(
        "Once: 45 s on a worker that forks, whose parent process kills it a minute after its timeout; on one that does "
        "not fork, its timeout again."
    ),
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
            _("{job} has run {duration}, {beyond} beyond its timeout: its alarm did not fire.").format(
                job=name(job), duration=duration(ran), beyond=duration(ran - timeout)
            ),
        )


def detect_near(bench: Bench) -> Iterator[Warning]:
    for lane, job, ran, timeout in _timed(bench):
        if timeout < policies_limits.TIMEOUT_NEAR_MIN_S or not limits.TIMEOUT_NEAR_SHARE * timeout < ran <= timeout:
            continue
        if _hands_over(bench, job):
            continue  # by itself, in time
        text = _("{job} will be stopped by its timeout in {duration}.").format(
            job=name(job), duration=duration(timeout - ran)
        )
        if job.progress is not None:
            text = joined((text, _("It is at {going}.").format(going=words.so_far(job.progress, bench.at))))
        yield _warning("timeout_near", "info", lane, job, text, (*_in_time(job), GENTLY, STOP))


def _hands_over(bench: Bench, job: Job) -> bool:
    """What commits chunk by chunk leaves its rest to another run, as long as chunks come to an end."""
    progress = job.progress
    if progress is None or progress.chunks is None:
        return False
    return (progress.silent_s(bench.at) or 0.0) < progress_limits.PROGRESS_SILENT_S


def _in_time(job: Job) -> Iterator[Remedy]:
    if cooperative.possible(job, "hand_over"):
        yield HAND_OVER
    if cooperative.possible(job, "more_time"):
        yield MORE_TIME


def _timed(bench: Bench) -> Iterator[tuple[Lane, Job, float, float]]:
    for lane in bench.lanes:
        for job in lane.running:
            ran = job.elapsed_s(bench.at)
            if lost(bench.at, job, bench.worker(job.worker))[0]:
                continue  # nothing runs any more: `worker_lost`
            if job.status == "started" and ran is not None and job.timeout_s and job.timeout_s > 0:
                extended = job.progress.extended_s if job.progress else 0.0
                yield lane, job, ran, job.timeout_s + extended


def past(job: Job, ran: float) -> bool:
    extended = job.progress.extended_s if job.progress else 0.0
    return bool(job.timeout_s and job.timeout_s > 0 and ran > job.timeout_s + extended + limits.TIMEOUT_GRACE_S)


def _warning(
    code: str, severity: str, lane: Lane, job: Job, message: str, remedies: tuple[Remedy, ...] = ()
) -> Warning:
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
        remedies=remedies or (STOP,),
    )

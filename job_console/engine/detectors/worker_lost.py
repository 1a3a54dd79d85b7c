"""`worker_lost`: a started job whose worker is gone or has stopped beating (killed, host died).

The lease tells: with every beat a worker says until when it will beat again (its score among the running jobs). A
forking worker promises 90 s at most; one that does not fork promises the job's timeout and a minute, and is silent
until then, so the age of a heartbeat alone would accuse it falsely.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ..models import Bench, Job, Remedy, Warning, Worker
from .words import duration, name

FAIL = Remedy("fail", "Mark as failed", "The job moves to the failed jobs, with this as its reason. Nothing runs.")
REQUEUE = Remedy(
    "requeue",
    "Put it back in the queue",
    "The job runs again from its beginning. What its lost run already did stays done, and may be done twice.",
    safe=False,
)


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.running:
            if job.status != "started":
                continue
            reason, evidence = lost(bench.at, job, bench.worker(job.worker))
            if reason:
                yield Warning(
                    code="worker_lost",
                    severity="critical",
                    queue=lane.name,
                    job_id=job.id,
                    worker=job.worker,
                    site=job.site,
                    since=job.heartbeat_at or job.started_at,
                    message=f"{name(job)} lost its worker: {reason}.",
                    evidence={"method": job.call.method, **evidence},
                    remedies=(FAIL, REQUEUE),
                    needs_proof=True,
                )


def lost(now: datetime, job: Job, worker: Worker | None) -> tuple[str, dict[str, object]]:
    """Why this running job has no worker any more, with the evidence; ("", {}) when it has one."""
    evidence: dict[str, object] = {
        "worker": job.worker,
        "last_heartbeat": job.heartbeat_at.isoformat() if job.heartbeat_at else None,
        "host": worker.host if worker else None,
        "pid": worker.pid if worker else None,
    }
    if worker is None or worker.state == "gone":
        return "that worker's record is gone", evidence
    if job.lease_until and now > job.lease_until:
        return f"its lease ran out {duration((now - job.lease_until).total_seconds())} ago", evidence
    if worker.job_id not in (None, job.id):
        return "that worker is busy with another job", evidence  # whose id another site may own
    return "", {}

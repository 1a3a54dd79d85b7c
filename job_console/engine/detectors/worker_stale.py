"""`worker_stale`: a worker whose heartbeat is late, or who says busy without a job."""

from __future__ import annotations

from collections.abc import Iterator

from .. import limits
from ..models import Bench, Warning, Worker
from .words import duration


def detect(bench: Bench) -> Iterator[Warning]:
    for worker in bench.workers:
        reason = _stale(bench, worker)
        if reason:
            yield Warning(
                code="worker_stale",
                severity="warning",
                worker=worker.name,
                job_id=worker.job_id,
                since=worker.heartbeat_at,
                message=f"Worker {worker.name} {reason}.",
                evidence={
                    "host": worker.host,
                    "pid": worker.pid,
                    "queues": list(worker.queues),
                    "state": worker.state,
                },
                needs_proof=True,
            )


def _stale(bench: Bench, worker: Worker) -> str:
    age = worker.heartbeat_age_s(bench.at)
    if worker.state == "gone" or age is None:
        return ""
    if worker.state == "busy" and worker.job_id is None:
        return "says it is busy, but names no job"
    if worker.state == "idle" and age > limits.IDLE_HEARTBEAT_LATE_S:
        return f"is idle and has not been heard of for {duration(age)}"
    return ""

"""`worker_stale`: a worker whose heartbeat is late, who says busy without a job, or who is idle and does not hear.

An idle worker is blocked in a pop and beats when that ends, after minutes; but work that arrives wakes it at once. One
that has been blocked for a minute beside work that has waited as long is stopped, or lost its connection.
"""

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
    # Between two jobs it says so for a moment, and beats with each: two looks can meet two such moments.
    if worker.state == "busy" and worker.job_id is None and age > limits.PROOF_S:
        return "says it is busy, but names no job"
    if worker.state == "idle" and age > limits.IDLE_HEARTBEAT_LATE_S:
        return f"is idle and has not been heard of for {duration(age)}"
    if worker.state == "idle" and age > limits.IDLE_DEAF_S and _work_waits(bench, worker):
        return f"is idle since {duration(age)} and does not take the work that waits"
    return ""


def _work_waits(bench: Bench, worker: Worker) -> bool:
    """Whether one of its lanes holds a job that has waited as long as would prove it deaf."""
    waiting = [lane.oldest_enqueued_at for lane in bench.lanes if lane.name in worker.queues]
    oldest = min((since for since in waiting if since), default=None)
    return not bench.suspended and oldest is not None and (bench.at - oldest).total_seconds() > limits.IDLE_DEAF_S

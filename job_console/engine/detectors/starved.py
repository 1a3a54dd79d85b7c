"""`starved`: the oldest waiting job has waited beyond the lane's limit while its workers were busy with others.

The limit is the timeout of the job at the head of the lane: who waits longer than it may run has waited too long. What
the workers do is told by lane, not by job: they may work for other sites.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .. import limits
from ..models import Bench, Lane, Warning, Worker
from .words import duration, many


def detect(bench: Bench) -> Iterator[Warning]:
    if bench.suspended:
        return
    for lane in bench.lanes:
        serving = [worker for worker in bench.workers if lane.name in worker.queues and worker.state != "gone"]
        if lane.oldest_enqueued_at is None or not serving or any(worker.state != "busy" for worker in serving):
            continue
        waited, limit = (bench.at - lane.oldest_enqueued_at).total_seconds(), patience(lane)
        if waited <= limit:
            continue
        busy_in = _busy_in(bench, serving)
        yield Warning(
            code="starved",
            severity="warning",
            queue=lane.name,
            since=lane.oldest_enqueued_at,
            message=f"{lane.label} is starved: its oldest job has waited {duration(waited)}, while "
            f"{_who(serving, busy_in)}.",
            evidence={
                "waiting": lane.counts.queued,
                "oldest_wait_s": round(waited, 1),
                "limit_s": limit,
                "workers": len(serving),
                "busy_in": dict(busy_in),
            },
            needs_proof=True,
        )


def patience(lane: Lane) -> float:
    timeout = lane.head[0].timeout_s if lane.head else None
    return max(timeout or 0.0, limits.STARVED_MIN_S)


def _busy_in(bench: Bench, serving: list[Worker]) -> Counter[str]:
    """How many of these workers run a job of which lane."""
    held = [bench.held.get(worker.job_id or "") for worker in serving]
    return Counter(job.queue.rpartition(":")[2] for job in held if job is not None and job.queue)


def _who(serving: list[Worker], busy_in: Counter[str]) -> str:
    workers = "its only worker is busy" if len(serving) == 1 else f"all its {many(len(serving), 'worker')} are busy"
    where = " and ".join(f"{many(count, 'job')} of {lane}" for lane, count in busy_in.most_common())
    return f"{workers} with {where}" if where else workers

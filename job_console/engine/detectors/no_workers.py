"""`no_workers`: a lane with waiting jobs that no live worker serves."""

from __future__ import annotations

from collections.abc import Iterator

from .. import limits
from ..models import Bench, Warning
from .words import duration, many


def detect(bench: Bench) -> Iterator[Warning]:
    served = {queue for worker in bench.workers if worker.state != "gone" for queue in worker.queues}
    for lane in bench.lanes:
        if not lane.counts.queued or lane.name in served or lane.oldest_enqueued_at is None:
            continue
        waited = (bench.at - lane.oldest_enqueued_at).total_seconds()
        if waited < limits.NO_WORKERS_WAIT_S:
            continue
        yield Warning(
            code="no_workers",
            severity="critical",
            queue=lane.name,
            since=lane.oldest_enqueued_at,
            message=f"No worker serves {lane.label}: {many(lane.counts.queued, 'job')} waiting, "
            f"the oldest for {duration(waited)}.",
            evidence={
                "waiting": lane.counts.queued,
                "oldest_wait_s": round(waited, 1),
                "workers_elsewhere": sum(worker.state != "gone" for worker in bench.workers),
            },
            needs_proof=True,
        )

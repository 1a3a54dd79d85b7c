"""`no_workers`: a lane with waiting jobs that no live worker serves."""

from __future__ import annotations

from collections.abc import Iterator

from .. import limits
from ..models import Bench, Lane, Warning
from .words import duration, many


def detect(bench: Bench) -> Iterator[Warning]:
    served = {queue for worker in bench.workers if worker.state != "gone" for queue in worker.queues}
    for lane in bench.lanes:
        if not lane.counts.queued or lane.name in served:
            continue
        waited = _waited(bench, lane)
        if waited is not None and waited < limits.NO_WORKERS_WAIT_S:
            continue
        oldest = f"the oldest for {duration(waited)}" if waited is not None else "since when is not known"
        yield Warning(
            code="no_workers",
            severity="critical",
            queue=lane.name,
            since=lane.oldest_enqueued_at,
            message=f"No worker serves {lane.label}: {many(lane.counts.queued, 'job')} waiting, {oldest}.",
            evidence={
                "waiting": lane.counts.queued,
                "oldest_wait_s": None if waited is None else round(waited, 1),
                "workers_elsewhere": sum(worker.state != "gone" for worker in bench.workers),
            },
            needs_proof=True,
        )


def _waited(bench: Bench, lane: Lane) -> float | None:
    """None when the records do not say: none at the head can be read, or whoever enqueued has a clock of its own."""
    oldest = lane.oldest_enqueued_at
    waited = (bench.at - oldest).total_seconds() if oldest else None
    return None if waited is None or waited < -limits.CLOCK_S else waited

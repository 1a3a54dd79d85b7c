"""`orphan_id`: a queue holds an id whose record is gone (expired, deleted, evicted). A worker will drop it silently."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Bench, Remedy, Warning

CLEAR = Remedy("clear", "Remove the id", "The id leaves the queue. There is no work behind it any more.")


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job_id in lane.orphans:
            yield Warning(
                code="orphan_id",
                severity="warning",
                queue=lane.name,
                job_id=job_id,
                message=f"{lane.label} holds the id {job_id}, but its record is gone: that work is lost.",
                evidence={"queue": lane.name},
                remedies=(CLEAR,),
                needs_proof=True,
            )

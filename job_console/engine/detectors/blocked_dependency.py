"""`blocked_dependency`: deferred on a job that failed, was canceled or is gone: nothing will ever enqueue it.

RQ enqueues a deferred job in the same step in which the last job that it waits for ends well. So one that waits for
jobs that are all finished is blocked as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..call import ids_of_sites
from ..models import Bench, Job, Remedy, Warning
from .words import iso, name

REQUEUE = Remedy(
    "requeue",
    "Run it all the same",
    "It goes to its queue and runs, though what it waits for has not ended well.",
    safe=False,
)
REQUEUE_READY = Remedy("requeue", "Put it in its queue", "All that it waited for has finished: it may run.")
CANCEL = Remedy("cancel", "Cancel it", "The job is canceled, and its id is free. Nothing runs.", safe=False)
_ENDED_BADLY = {"failed": "failed", "stopped": "was stopped", "canceled": "was canceled", None: "is gone"}


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        for job in lane.deferred:
            culprit, why = _blocked(job, bench)
            if not why:
                continue
            yield Warning(
                code="blocked_dependency",
                severity="warning",
                queue=lane.name,
                job_id=job.id,
                site=job.site,
                since=job.enqueued_at or job.created_at,
                message=f"{name(job)} waits for ever: {why}.",
                evidence={
                    "method": job.call.method,
                    "dependency": culprit,
                    "dependency_status": bench.dependencies[culprit] or "gone",
                    "created_at": iso(job.created_at),
                },
                remedies=(REQUEUE_READY,) if bench.dependencies[culprit] == "finished" else (REQUEUE, CANCEL),
                needs_proof=True,
                private=ids_of_sites(*bench.dependencies),
            )


def _blocked(job: Job, bench: Bench) -> tuple[str, str]:
    """(the job that blocks it, why); ("", "") when it may still run."""
    known = {awaited: bench.dependencies[awaited] for awaited in job.dependencies if awaited in bench.dependencies}
    for awaited, status in known.items():
        if status in _ENDED_BADLY:
            return awaited, f"the job {awaited} that it depends on {_ENDED_BADLY[status]}"
    if known and len(known) == len(job.dependencies) and set(known.values()) == {"finished"}:
        return job.dependencies[0], "all that it depends on has finished, and nothing enqueued it"
    circle = _circle(job, {other.id: other for lane in bench.lanes for other in lane.deferred})
    if circle and job.id == min(circle):  # told once
        return job.dependencies[0], f"it depends on itself, by way of {' and '.join(circle[1:]) or 'nothing else'}"
    return "", ""


def _circle(start: Job, deferred: Mapping[str, Job]) -> tuple[str, ...]:
    """The ids from this job back to itself; () when there is no such way."""
    ways: list[tuple[str, ...]] = [(start.id,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        job = deferred.get(way[-1])
        for awaited in job.dependencies if job else ():
            if awaited == start.id:
                return way
            if awaited not in seen:
                seen.add(awaited)
                ways.append((*way, awaited))
    return ()

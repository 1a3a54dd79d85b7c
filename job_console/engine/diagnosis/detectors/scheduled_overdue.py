"""`scheduled_overdue`: due, but nothing on this bench moves it to its queue.

RQ keeps jobs for later, and retries with an interval, in a registry that only a worker with RQ's own scheduler empties;
it holds a lock per lane while it does. Frappe's workers have none (its schedule is another thing).

Wrong if: a scheduler of RQ took its lock after the look; or a duty of ours or of somebody else's moves what is due.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...models.bench import Bench
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...wording import duration, iso, name
from .. import limits

REQUEUE = Remedy("requeue", "Put it in its queue", "It is due: it goes to the end of its queue and runs from there.")


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        grace = limits.OVERDUE_WITH_MOVER_S if lane.has_mover else limits.OVERDUE_S
        for job in lane.overdue:
            late = (bench.at - job.due_at).total_seconds() if job.due_at else 0.0
            if late <= grace:
                continue
            why = "RQ's scheduler does not come to it" if lane.has_mover else "no scheduler of RQ runs for this lane"
            yield Warning(
                code="scheduled_overdue",
                severity="warning",
                queue=lane.name,
                job_id=job.id,
                site=job.site,
                since=job.due_at,
                message=f"{name(job)} was {_what(job)} {duration(late)} ago and will not run: {why}.",
                evidence={"method": job.call.method, "due_at": iso(job.due_at), "scheduler_runs": lane.has_mover},
                remedies=(REQUEUE,) if job.status == "scheduled" else (),
                needs_proof=True,
            )


def _what(job: Job) -> str:
    return "due" if job.status == "scheduled" else "to run again (RQ's Repeat)"

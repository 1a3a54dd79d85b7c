"""`blocked_schedule`: a schedule cannot run because its own earlier run stands in its way.

All runs of a schedule have one id, and `frappe.enqueue` refuses it while the record says queued or started ("Skipped
queueing X because it was found in queue", frappe#31325). A ghost says so for ever; a run that lost its worker, or that
runs far too long, until somebody acts. A run that merely waits its turn blocks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Bench, Job, Remedy, Warning
from .ghosts import FAIL, FREE
from .in_limbo import REQUEUE
from .schedules import IN_THE_WAY, grace_s, obstacle
from .timeouts import STOP
from .words import duration, iso


def detect(bench: Bench) -> Iterator[Warning]:
    schedule = bench.schedule
    for entry in schedule.entries if schedule else ():
        if schedule is None or entry.stopped or entry.job_status not in IN_THE_WAY:
            continue
        job, why = obstacle(bench, entry)
        if job is None:
            continue
        late = (bench.at - entry.due_at).total_seconds() if entry.due_at else 0.0
        overdue = f" It was due {duration(late)} ago." if late > grace_s(schedule) else ""
        yield Warning(
            code="blocked_schedule",
            severity="critical",
            queue=job.queue or entry.queue,
            job_id=entry.job_id,
            site=schedule.site,
            since=job.started_at or job.enqueued_at,
            message=f"The schedule {entry.method} is blocked: {why}.{overdue}",
            evidence={
                "method": entry.method,
                "schedule": entry.record,
                "cron": entry.cron,
                "last_at": iso(entry.last_at),
                "due_at": iso(entry.due_at),
                "record": job.status,
            },
            remedies=_remedies(bench, job),
            needs_proof=True,
        )


def _remedies(bench: Bench, job: Job) -> tuple[Remedy, ...]:
    """Free its id, by the way that its state allows; the next tick then enqueues it."""
    worker = bench.worker(job.worker)
    if job.status == "queued":
        return (FREE,) if any(ghost.job.id == job.id for ghost in bench.ghosts) else (REQUEUE,)
    alive = worker is not None and worker.state != "gone" and worker.job_id == job.id
    return (STOP,) if alive else (FAIL,)

"""`ghost_queued`, `ghost_started`: a record that claims what nothing else knows. See `survey` for how they are found.

A worker that listens on several queues pops with BLPOP; killed before it starts the job, it leaves a record that says
`queued` in no list. Nothing of RQ's ever cleans it, and `frappe.enqueue(deduplicate=True)`, which looks at the record's
status only, refuses that id for ever (frappe#31325, frappe#33335).

Wrong if: what holds it is not known to us: another queue's list, a process that runs it itself (`is_async=False`), or
an RQ step that takes longer than two looks are apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .. import limits
from ..models import Bench, Ghost, Remedy, Warning
from .words import duration, name

REQUEUE_QUEUED = Remedy(
    "requeue",
    "Put it back in the queue",
    "It never started, so it runs for the first time. Checked again first.",
)
REQUEUE_STARTED = Remedy(
    "requeue",
    "Run it again",
    "It runs from its beginning. What its lost run already did stays done, and may be done twice.",
    safe=False,
)
FREE = Remedy("free", "Free its id", "The record is deleted, so that the same work can be enqueued again.")
FAIL = Remedy("fail", "Mark as failed", "The job moves to the failed jobs, which frees its id. Nothing runs.")


def detect_queued(bench: Bench) -> Iterator[Warning]:
    for ghost in bench.ghosts:
        if ghost.status == "queued" and _settled(bench.at, ghost.job.enqueued_at or ghost.job.created_at):
            yield _warning(bench, ghost, "is a ghost: its record says queued, but it stands in no queue", FREE)


def detect_started(bench: Bench) -> Iterator[Warning]:
    for ghost in bench.ghosts:
        if ghost.status == "started" and _settled(bench.at, ghost.job.started_at):
            yield _warning(bench, ghost, "is a ghost: its record says started, but no worker runs it", FAIL)


def _settled(now: datetime, since: datetime | None) -> bool:
    """Older than any step between two of RQ's writes."""
    return since is None or (now - since).total_seconds() > limits.GHOST_AGE_S


def _warning(bench: Bench, ghost: Ghost, what: str, free: Remedy) -> Warning:
    job, queued = ghost.job, ghost.status == "queued"
    since = (job.enqueued_at if queued else job.started_at) or job.created_at
    age = f" It has been so for {duration((bench.at - since).total_seconds())}." if since else ""
    return Warning(
        code=f"ghost_{ghost.status}",
        severity="critical",
        queue=job.queue,
        job_id=job.id,
        worker=job.worker,
        site=job.site,
        since=since,
        message=f"{name(job)} {what}. It will never run, and its id refuses the same work.{age}",
        evidence={"method": job.call.method, "record": ghost.status, "worker": job.worker},
        remedies=(REQUEUE_QUEUED, free) if queued else (free, REQUEUE_STARTED),
        needs_proof=True,
    )

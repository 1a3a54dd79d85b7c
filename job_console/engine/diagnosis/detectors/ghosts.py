"""`ghost_queued`, `ghost_started`: a record that claims what nothing else knows. See `survey` for how they are found.

A worker that listens on several queues pops with BLPOP; killed before it starts the job, it leaves a record that says
`queued` in no list. Nothing of RQ's ever cleans it, and `frappe.enqueue(deduplicate=True)`, which looks at the record's
status only, refuses that id for ever (frappe#31325, frappe#33335).

Wrong if: what holds it is not known to us: another queue's list, a process that runs it itself (`is_async=False`), or
an RQ step that takes longer than two looks are apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ...messages import _, joined
from ...models.bench import Bench, Ghost
from ...models.jobs import Job
from ...models.warnings import Remedy, Warning
from ...wording import duration, name
from .. import limits
from .worker_lost import fail

REQUEUE_QUEUED = Remedy(
    "requeue",
    _("Put it back in the queue"),
    _("It never started, so it runs for the first time. Checked again first."),
)
_IN_ITS_ENQUEUER = _(
    "But RQ writes the same record for a job that runs in the process that enqueued it (Queue(is_async=False)): "
    "then it runs now, and would run twice."
)
REQUEUE_STARTED = Remedy(
    "requeue",
    _("Run it again"),
    _("It runs from its beginning. What its lost run already did stays done, and may be done twice."),
    safe=False,
)
FREE = Remedy("free", _("Free its id"), _("The record is deleted, so that the same work can be enqueued again."))


def detect_queued(bench: Bench) -> Iterator[Warning]:
    for ghost in bench.ghosts:
        if ghost.status == "queued" and _settled(bench.at, ghost.job.enqueued_at or ghost.job.created_at):
            yield _warning(bench, ghost)


def detect_started(bench: Bench) -> Iterator[Warning]:
    for ghost in bench.ghosts:
        if ghost.status == "started" and _settled(bench.at, ghost.job.started_at):
            yield _warning(bench, ghost)


def remedies_of_queued(job: Job) -> tuple[Remedy, ...]:
    """Safe only for a schedule's run: Frappe's scheduler puts those into a queue, and runs none itself."""
    offered = (FREE,) if job.unloadable else (REQUEUE_QUEUED, FREE)
    if job.call.kind == "scheduled":
        return offered
    return tuple(replace(each, safe=False, explain=joined((each.explain, _IN_ITS_ENQUEUER))) for each in offered)


def _settled(now: datetime, since: datetime | None) -> bool:
    """Older than any step between two of RQ's writes."""
    return since is None or (now - since).total_seconds() > limits.GHOST_AGE_S


_STARTED = _(
    "{job} is a ghost: its record says started, but no worker runs it. It will never run, and its id refuses the same "
    "work."
)
_QUEUED = _(
    "{job} is a ghost: its record says queued, but it stands in no queue. It will never run, and its id refuses the "
    "same work."
)
_QUEUED_OR_RUNS_ELSEWHERE = _(
    "{job} is a ghost: its record says queued, but it stands in no queue. It will never run, unless the process that "
    "enqueued it runs it itself (Queue(is_async=False)), and its id refuses the same work."
)
_ENDED_ITS_WORKER = _(
    "{job} is a ghost: it ended the worker that took it, as RQ cannot load its record, {problem}. Put back, it would "
    "end the next one; its id refuses the same work."
)


def _warning(bench: Bench, ghost: Ghost) -> Warning:
    job, queued = ghost.job, ghost.status == "queued"
    text = _STARTED
    if queued:
        text = _QUEUED if job.call.kind == "scheduled" else _QUEUED_OR_RUNS_ELSEWHERE
        text = _ENDED_ITS_WORKER if job.unloadable else text
    since = (job.enqueued_at if queued else job.started_at) or job.created_at
    age = (
        _("It has been so for {duration}.").format(duration=duration((bench.at - since).total_seconds()))
        if since
        else ""
    )
    return Warning(
        code=f"ghost_{ghost.status}",
        severity="critical",
        queue=job.queue,
        job_id=job.id,
        worker=job.worker,
        site=job.site,
        since=since,
        message=joined((text.format(job=name(job), problem=job.unloadable), age)),
        evidence={"method": job.call.method, "record": ghost.status, "worker": job.worker},
        remedies=remedies_of_queued(job)
        if queued
        else (fail(bench.at, job, bench.worker(job.worker)), REQUEUE_STARTED),
        needs_proof=True,
    )

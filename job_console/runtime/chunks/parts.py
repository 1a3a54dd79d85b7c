"""Several jobs that share one loop: each has a part of the items, and its own checkpoint.

The first of them is the job that begins. It enqueues the others, which run the same function until the end of the loop.
When its own part is done, it is parked until the other parts are done, and then continues after the loop.
"""

import json
import time
from collections import Counter
from datetime import datetime, timezone
from typing import Any

import frappe
from frappe.utils.background_jobs import create_job_id
from rq import get_current_job
from rq.job import Job

from job_console.bridge.connection import engine
from job_console.engine.errors import BadRequest
from job_console.engine.models.progress import PARTS, Parked
from job_console.engine.progress import early_exit, hand_over
from job_console.engine.redis import keys
from job_console.engine.rq import call

from ..progress import progress
from . import checkpoint
from .checkpoint import DOCTYPE, FINISHED, Place
from .source import Source

#: The first job parks itself within milliseconds after it has reported that it waits.
_WAKE_S = 10.0


class PartDone(early_exit.EarlyExit):
    """This part is done; the code after the loop is run by the first job only."""


def run_part(work: str, arguments: dict[str, Any]) -> str:
    """The function of the other jobs: runs `work` until the end of its loop."""
    frappe.local.job_console_part = True
    job = get_current_job()
    if job is None:
        raise BadRequest("A part of a loop is done by a job.")
    if not frappe.db.exists(DOCTYPE, {"job": job.id}):
        return "Its part is given up: a new job of the same id has begun anew."
    try:
        frappe.get_attr(work)(**arguments)
    except PartDone as done:
        return str(done)
    return "It ended before its loop began."


def claim(job: Job, step: str, source: Source, parallel: int) -> Place | None:
    """This run's checkpoint, in the open transaction; created for all parts when there is none yet.

    None: this is a part, and not its loop but another one of the function, which only the first job runs.
    """
    created = job.created_at.isoformat()
    place = checkpoint.claim(job.id, created, step)
    if place is not None and place.source != source.about:
        raise BadRequest(
            f"Loop {step!r} of this job went over {place.source}, and goes over {source.about} now. Give loops a name "
            "that do not run each time."
        )
    if place is not None or getattr(frappe.local, "job_console_part", False):
        return place
    method = frappe.local.job.method
    parts = source.split(parallel) if parallel > 1 else [(None, source.total())]
    if len(parts) == 1:
        return checkpoint.make(job.id, created, step, method, parts[0][1], source=source.about)
    first, begin = None, None
    for number, (last, total) in enumerate(parts, start=1):
        shared = {"source": source.about, "part": number, "parts": len(parts), "position": begin, "last_position": last}
        if first is None:
            first = checkpoint.make(job.id, created, step, method, total, parts_left=len(parts), **shared)
        else:
            checkpoint.make(_id_of_part(job, number), "", step, method, total, part_of=first.name, **shared)
        begin = last
    return first


def start(job: Job, place: Place) -> None:
    """Enqueue the other parts, those that have no record yet."""
    if place.parts == 1 or place.part_of:
        return
    others = frappe.get_all(DOCTYPE, filters={"part_of": place.name, "status": ("!=", FINISHED)}, pluck="job")
    for job_id in others:
        if not job.connection.exists(keys.job(job_id)):
            frappe.enqueue(
                f"{__name__}.run_part",
                queue=job.origin.rpartition(":")[2],
                timeout=job.timeout,
                job_id=job_id.removeprefix(call.site_mark(job_id)),
                work=frappe.local.job.method,
                arguments=frappe.local.job.kwargs,
            )


def count_down(place: Place) -> None:
    """Decrement the number of open parts, in the transaction that finishes this part."""
    table = frappe.qb.DocType(DOCTYPE)
    first = place.part_of or place.name
    frappe.qb.update(table).set(table.parts_left, table.parts_left - 1).set(table.modified, frappe.utils.now()).where(
        table.name == first
    ).run()


def join(run: progress.RunProgress, place: Place) -> None:
    """Returns when this job is the one that continues after the loop; otherwise it raises, and the run ends."""
    left = frappe.db.get_value(DOCTYPE, place.part_of or place.name, "parts_left")
    if place.part_of:
        if left <= 0:
            _wake(frappe.db.get_value(DOCTYPE, place.part_of, "job"))
        raise PartDone(f"Part {place.part} of {place.parts}: {place.committed:,} items are done.")
    if left > 0:
        run.meter.report_now(parked=Parked("itself", until=PARTS), chunks=place.summary())
        hand_over.park(run.job)
        raise early_exit.Parked(f"Its own part is done, {left} of {place.parts} are not.")


def report(place: Place) -> dict[str, Any]:
    """The counts of items, summed over all parts."""
    total = Counter(place.reasons)
    counts = Counter(committed=place.committed, skipped=place.skipped, failed=place.failed)
    fields = ["committed", "skipped", "failed", "reasons"]
    parts = frappe.get_all(DOCTYPE, filters={"part_of": place.name}, fields=fields) if place.parts > 1 else []
    for part in parts:
        total.update(json.loads(part.pop("reasons") or "{}"))
        counts.update(part)
    done = counts["committed"] - counts["failed"] - counts["skipped"]
    return {"done": done, "skipped": counts["skipped"], "failed": counts["failed"], "reasons": dict(total)}


def _wake(job_id: str) -> None:
    """Wake the first job, when it is parked, or about to be. A sweep does it if this fails: see
    `bridge.sweep.parts`.
    """
    redis, deadline = engine().redis, time.monotonic() + _WAKE_S
    while not hand_over.wake(redis, job_id, datetime.now(timezone.utc)) and time.monotonic() < deadline:
        if redis.hget(keys.job(job_id), "status") not in (b"started", b"scheduled"):
            return
        time.sleep(0.1)


def _id_of_part(job: Job, number: int) -> str:
    """The id of a part, unique to this job: keys of an earlier job with the same id do not match."""
    bare = job.id.removeprefix(call.site_mark(job.id))
    made = checkpoint.name_of(job.id, job.created_at.isoformat())[:8]
    return create_job_id(f"{bare}-part-{number}-{made}")

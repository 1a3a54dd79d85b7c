"""What becomes of the run that this process is in when it fails: as its policy says (`engine.retries`)."""

from datetime import datetime, timezone
from typing import Any

import frappe
from rq.job import Job

from job_console.engine import keys, limits
from job_console.engine.models import Call
from job_console.engine.progress.leaving import Leaving
from job_console.engine.retries import circuit, run, store
from job_console.engine.retries.models import Tries, from_json

from . import manners, runs
from .trip import Trip

#: Of the job that runs here now: its id and its attempts so far. None: we were not told, and must not count from one.
_known: tuple[str, Tries | None] | None = None


def ask(job: Job, trip: Trip) -> None:
    global _known
    _known = None
    trip.pipeline.get(keys.tries(job.id))

    def answered(found: Any) -> None:
        global _known
        _known = (job.id, from_json(found, job.created_at))

    trip.then(answered)


def end(job: Job, asked: Call, trip: Trip) -> None:
    """Before `runs.end`, which closes the run."""
    ending = runs.ending(job)
    if ending is None:
        return
    if _known is not None and _known[0] == job.id:
        _settle(job, asked, trip, ending, _known[1])
    store.move_due(trip.pipeline, datetime.now(timezone.utc), limits.RETRIES_MOVED_BY_JOB)


def _settle(job: Job, asked: Call, trip: Trip, ending: runs.Ending, before: Tries | None) -> None:
    policy, method = manners.policy(), circuit.name(asked.site or frappe.local.site, asked.method)
    if ending.error is None:
        if policy is not None and policy.attempts > 1:
            circuit.ended_well(trip.pipeline, method)
        if before is not None:
            store.ended_well(trip.pipeline, job.id)
    elif not isinstance(ending.error, Leaving):
        run.failed(trip.pipeline, job, policy, before, ending.error, ending.hidden, method)

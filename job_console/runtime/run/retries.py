"""What becomes of the run that this process is in when it ends: as its policy says (`engine.retries`)."""

from datetime import datetime, timezone
from typing import Any

import frappe
from frappe.utils import get_bench_path
from rq.job import Job

from job_console.bridge.connection import queue_prefix
from job_console.engine.host import keeper
from job_console.engine.models.jobs import Call
from job_console.engine.models.retries import Tries
from job_console.engine.redis import keys
from job_console.engine.retries import circuit, run, store
from job_console.engine.retries import limits as retries_limits
from job_console.engine.retries.models import from_json

from . import outcome, policy
from .batch import Batch

#: Of the job that runs here now: its id and its attempts so far. None: we were not told, and must not count from one.
_known: tuple[str, Tries | None] | None = None


def ask(job: Job, batch: Batch) -> None:
    global _known
    _known = None
    batch.pipeline.get(keys.tries(job.id))

    def answered(found: Any) -> None:
        global _known
        _known = (job.id, from_json(found, job.created_at))

    batch.then(answered)


def end(job: Job, asked: Call, batch: Batch) -> None:
    """Before `runs.end`, which closes the run."""
    ending = outcome.ending(job)
    if ending is None:
        return
    if _known is not None and _known[0] == job.id:
        method = circuit.name(asked.site or frappe.local.site, asked.method)
        run.ended(batch.pipeline, job, policy.policy(), _known[1], ending.error, method, ending.hidden)
    store.move_due(batch.pipeline, datetime.now(timezone.utc), retries_limits.RETRIES_MOVED_BY_JOB)
    keeper.ask(batch.pipeline)
    batch.then(lambda answer: keeper.see_to(job.connection, answer, queue_prefix(), get_bench_path()))

"""What becomes of the present run when it ends: as its policy says (`engine.retries`)."""

from datetime import datetime, timezone
from typing import Any

import frappe
from frappe.utils import get_bench_path

from job_console.bridge.connection import queue_prefix
from job_console.engine.host import keeper
from job_console.engine.models.jobs import Call
from job_console.engine.redis import keys
from job_console.engine.retries import circuit, run, store
from job_console.engine.retries import limits as retries_limits
from job_console.engine.retries.models import from_json

from ..present import PresentRun
from . import outcome, stacks
from .batch import Batch


def ask(present: PresentRun, batch: Batch) -> None:
    batch.pipeline.get(keys.tries(present.job.id))

    def answered(found: Any) -> None:
        present.tries, present.tries_known = from_json(found, present.job.created_at), True

    batch.then(answered)


def end(present: PresentRun, asked: Call, batch: Batch) -> None:
    ending = outcome.ending(present)
    if ending is None:
        return
    if present.tries_known:
        method = circuit.name(asked.site or frappe.local.site, asked.method)
        policy, tries = present.policy, present.tries
        run.ended(batch.pipeline, present.job, policy, tries, ending.error, method, ending.hidden)
    store.move_due(batch.pipeline, datetime.now(timezone.utc), retries_limits.RETRIES_MOVED_BY_JOB)
    if not stacks.is_on():
        return  # no process of ours but those that the bench starts itself
    keeper.ask(batch.pipeline)
    connection = present.job.connection
    batch.then(lambda answer: keeper.see_to(connection, answer, queue_prefix(), get_bench_path()))

"""Decides at the end of the current run whether the job is tried again, by its policy (`engine.retries`)."""

from datetime import datetime, timezone
from typing import Any

import frappe
from frappe.utils import get_bench_path

from job_console.bridge.connection import queue_prefix
from job_console.engine.host import duty_thread
from job_console.engine.models.jobs import Call
from job_console.engine.redis import keys
from job_console.engine.retries import circuit, end_of_run, store
from job_console.engine.retries import limits as retries_limits
from job_console.engine.retries.models import from_json

from ..current_run import CurrentRun
from . import outcome, stacks
from .batch import Batch


def ask(run: CurrentRun, batch: Batch) -> None:
    batch.pipeline.get(keys.tries(run.job.id))

    def answered(found: Any) -> None:
        run.tries, run.tries_known = from_json(found, run.job.created_at), True

    batch.then(answered)


def end(run: CurrentRun, asked: Call, batch: Batch) -> None:
    ending = outcome.ending(run)
    if ending is None:
        return
    if run.tries_known:
        method = circuit.name(asked.site or frappe.local.site, asked.method)
        policy, tries = run.policy, run.tries
        end_of_run.ended(batch.pipeline, run.job, policy, tries, ending.error, method, ending.hidden)
    store.move_due(batch.pipeline, datetime.now(timezone.utc), retries_limits.RETRIES_MOVED_BY_JOB)
    if not stacks.is_on():
        return  # no process of ours but those that the bench starts itself
    duty_thread.ask(batch.pipeline)
    connection = run.job.connection
    batch.then(lambda answer: duty_thread.see_to(connection, answer, queue_prefix(), get_bench_path()))

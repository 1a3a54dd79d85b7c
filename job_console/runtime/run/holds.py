"""Parks a job of a paused method before it begins. Whether it is paused is read when an attempt begins."""

from typing import Any

import frappe

from job_console.engine.models.jobs import Call
from job_console.engine.operate import paused_methods
from job_console.engine.progress import early_exit, hand_over

from ..current_run import CurrentRun
from .batch import Batch


def ask(run: CurrentRun, asked: Call, batch: Batch) -> None:
    run.hold = None
    site = asked.site or frappe.local.site
    paused_methods.ask(batch.pipeline, site, asked.method)

    def answered(found: Any) -> None:
        run.hold = paused_methods.held(found, site, asked.method)

    batch.then(answered)


def wait(run: CurrentRun) -> None:
    """Raises `early_exit.Parked` while the method is paused, so that the worker is free for other jobs."""
    job, hold = run.job, run.hold
    if hold is not None and paused_methods.keep(job.connection, hold, job.id):
        hand_over.park(job)
        raise early_exit.Parked(f"Its method is paused by {hold.by} until {hold.until:%Y-%m-%d %H:%M} UTC.")

"""Keeps what a job prints and logs, its last kilobytes, as long as it runs and for a while after (`engine.output`).

`"job_console_log": 0` in the site's or the bench's configuration turns this off.
"""

from time import time

import frappe

from job_console.engine.output import capture, record

from ..current_run import SYNCHRONOUS, CurrentRun
from . import outcome, stacks
from .batch import Batch


def begin(run: CurrentRun, _batch: Batch) -> None:
    """Before the process is armed, which tells the reader of the host where that is."""
    if _is_its_own(run) and frappe.utils.cint(frappe.conf.get("job_console_log", 1)):
        capture.begin(run.job.id, round(time(), 3), is_read=stacks.is_on())


def end(run: CurrentRun, batch: Batch) -> None:
    """One script call on the batch, of a job that has printed something."""
    if not _is_its_own(run):
        return
    content = capture.end()
    if content is not None:
        ending = outcome.ending(run)
        well = ending is not None and ending.error is None
        record.write(batch.pipeline, run.job.id, content, record.ENDED, well)


def _is_its_own(run: CurrentRun) -> bool:
    """Whether this process runs nothing else meanwhile: an attempt in place is a part of the run, a job that a job
    runs within itself is a part of that, and what others do in the threads of a web server is not the job's.
    """
    return run.is_outermost_attempt and run.outer is None and run.job.worker_name != SYNCHRONOUS

"""Arms the process of a job, so that its stack can be read and it can be interrupted while it runs (`engine.stacks`).

`"job_console_stacks": 0` in the site's or the bench's configuration turns this off.
"""

import re
import sys
import traceback
from types import FrameType, TracebackType

import frappe
from frappe.utils import get_bench_path
from rq.job import Job

from job_console.bridge.connection import queue_prefix
from job_console.engine.stacks import interrupt, serving

from ..current_run import CurrentRun
from .batch import Batch


def arm(run: CurrentRun, batch: Batch) -> None:
    """Put four commands on the batch; the first job of a host starts its reader."""
    job = run.job
    if is_on() and serving.announce(batch.pipeline, job.id, not_now=in_commit, worker=job.worker_name):
        batch.then(lambda wanted: _start_reader(job) if wanted else None)


def _start_reader(job: Job) -> None:
    serving.start(job.connection, queue_prefix(), get_bench_path())


def is_on() -> bool:
    """Whether the configuration of the bench or site allows it."""
    return bool(frappe.utils.cint(frappe.conf.get("job_console_stacks", 1)))


def finish(_run: CurrentRun) -> None:
    """The job's own code has ended: from here on nothing is interrupted.

    Frappe rolls back after an `Exception` only. After any other exception this does, so that no hook commits the work.
    """
    interrupt.end()
    kind, _error, left = sys.exc_info()
    if kind is None or issubclass(kind, Exception):
        return
    if _in_driver(left):
        frappe.db.close()  # half an answer stands in it: the next one would be taken for another's
    else:
        frappe.db.rollback()


def _in_driver(left: TracebackType | None) -> bool:
    """Whether the exception came out of the database's driver, in the middle of a statement."""
    files = [frame.f_code.co_filename for frame, _line in traceback.walk_tb(left)]
    return any(re.search(r"/(pymysql|MySQLdb|psycopg2?)/", file) for file in files)


def disarm(run: CurrentRun, batch: Batch) -> None:
    serving.withdraw(batch.pipeline, run.job.id)


def in_commit(frame: FrameType | None) -> bool:
    """Whether the frame is in a commit: an interruption there would lose what is done after the commit, such as jobs to
    be enqueued.
    """
    while frame is not None:
        if frame.f_code.co_name == "commit" and "/frappe/database/" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False

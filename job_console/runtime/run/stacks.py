"""While a job runs, its stack can be read from outside, and it can be interrupted (`engine.stacks`).

`"job_console_stacks": 0` in the site's or the bench's configuration leaves it off.
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
    """Whether the bench, or the site, wants the process that reads stacks at all."""
    return bool(frappe.utils.cint(frappe.conf.get("job_console_stacks", 1)))


def finish(_run: CurrentRun) -> None:
    """The job's own code is through: from here on nothing is interrupted.

    Frappe rolls back after an `Exception` only. What leaves in another way must not be committed by a hook's commit.
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
    """What waits for the commit, such as jobs that are to be enqueued after it, would be lost if it were left then."""
    while frame is not None:
        if frame.f_code.co_name == "commit" and "/frappe/database/" in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False

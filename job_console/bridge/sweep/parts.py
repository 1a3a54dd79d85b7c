"""Jobs that share a loop: the first is parked until the others have done their parts, and the last of them wakes it.

A part that was killed just then has woken nobody, and neither has one that could not reach Redis: so a sweep does.
"""

from datetime import timedelta

import frappe
from frappe.utils import now_datetime

from job_console.engine.models.progress import PARTS
from job_console.engine.progress import hand_over
from job_console.engine.redis.link import reaching_redis
from job_console.engine.service import Engine
from job_console.engine.watch.watch import Look

DUTY = "parts"
EVERY_S = 30.0
#: How long ago the last part may have ended: sweeps do not pause for longer while anybody is alive.
LATELY = timedelta(days=1)


def wake(engine: Engine, look: Look) -> None:
    """The duty: one query when there is none."""
    filters = {"parts": (">", 1), "part_of": ("is", "not set"), "parts_left": ("<=", 0)}
    filters["modified"] = (">", now_datetime() - LATELY)
    done = frappe.get_all("Job Checkpoint", filters=filters, pluck="job", limit_page_length=0)
    if not done:
        return
    with reaching_redis():
        for job in engine.reader.read(done):
            parked = job.progress.parked if job.progress else None
            if parked is not None and parked.until == PARTS:
                hand_over.wake(engine.redis, job.id, look.bench.at)

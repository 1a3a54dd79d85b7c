"""Jobs that the tests of the present run enqueue."""

import frappe
from frappe.utils.background_jobs import execute_job, get_redis_conn
from rq import Queue, get_current_job

from job_console.runtime import current_run

NOTHING = "job_console.runtime.tests.current_run_testing.nothing"


def nothing() -> None:
    pass


def runs_another_at_once(inner: str, lane: str) -> None:
    """As a queue does that is not asynchronous."""
    mine = current_run.of(get_current_job())
    wrapped = {
        "site": frappe.local.site,
        "user": frappe.session.user,
        "method": NOTHING,
        "event": None,
        "job_name": NOTHING,
        "is_async": False,
        "kwargs": {},
    }
    Queue(lane, connection=get_redis_conn(), is_async=False).enqueue_call(execute_job, kwargs=wrapped, job_id=inner)
    if current_run.of(get_current_job()) is not mine or mine.attempts_open != 1:
        raise AssertionError("The run of the job around it is another one now.")

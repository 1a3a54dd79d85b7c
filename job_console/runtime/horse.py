"""Hooks that run inside other people's jobs.

They never raise, never wait, and cost one Redis command on the connection that the horse already holds.
"""

import frappe
from rq import get_current_job

from job_console.bridge.realtime import publish_changed
from job_console.engine import keys

#: Failures of our hooks are counted for a day, not thrown into somebody's job.
FAILURES_TTL_S = 86_400


def before_job() -> None:
    _tell()


def after_job() -> None:
    _tell()


def _tell() -> None:
    try:
        job = get_current_job()
        if job is not None:
            publish_changed(job.connection)
    except Exception:
        _count_failure()


def _count_failure() -> None:
    try:
        redis = get_current_job().connection
        redis.incr(keys.HOOK_FAILURES)
        redis.expire(keys.HOOK_FAILURES, FAILURES_TTL_S)
    except Exception:
        frappe.logger("job_console").warning("A hook of Job Console failed, and could not be counted.", exc_info=True)

"""Tags what Sentry is told of the current job, where the process uses Sentry: its id and method, and a link to it in
Job Monitor. Frappe starts Sentry with `FRAPPE_SENTRY_DSN`; an application may do so as well.
"""

import sys
from typing import Any
from urllib.parse import quote

import frappe

from job_console.bridge import versions
from job_console.engine.models.jobs import Call

from ..current_run import CurrentRun

_TAGS = ("job_console.job_id", "job_console.method")
_CONTEXT = "job_console"


def begin(run: CurrentRun, asked: Call) -> None:
    scope = _scope()
    if scope is None:
        return
    for name, value in zip(_TAGS, (run.job.id, asked.method), strict=True):
        scope.set_tag(name, value)
    scope.set_context(_CONTEXT, {"job": link(run.job.id), "queue": run.job.origin})


def end(run: CurrentRun) -> None:
    """A worker that does not fork goes on to other jobs."""
    scope = _scope() if run.is_outermost_attempt else None
    if scope is None:
        return
    for name in _TAGS:
        scope.remove_tag(name)
    scope.remove_context(_CONTEXT)


def link(job_id: str) -> str:
    return frappe.utils.get_url(versions.desk_route(f"job-monitor?job={quote(job_id, safe='')}"))


def _scope() -> Any:
    """What all events of this process are tagged by; None where nobody has imported Sentry, or started it."""
    sentry_sdk = sys.modules.get("sentry_sdk")
    if sentry_sdk is None:
        return None
    if hasattr(sentry_sdk, "get_isolation_scope"):
        return sentry_sdk.get_isolation_scope() if sentry_sdk.get_client().is_active() else None
    hub = sentry_sdk.Hub.current  # before version 2
    return hub.scope if hub.client is not None else None

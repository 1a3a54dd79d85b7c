"""A job that is made in the page."""

from typing import Any

import frappe

from job_console.bridge import new_jobs
from job_console.bridge.access import for_managers


@frappe.whitelist()
@for_managers
def job_form(method: str = "") -> dict[str, Any]:
    """What may be made here; of `method` also which arguments it takes, and those of one of its jobs."""
    return new_jobs.form(method)


@frappe.whitelist(methods=["POST"])
@for_managers
def make_job(
    method: str,
    arguments: str | dict[str, Any] | None = None,
    queue: str = "",
    timeout: int | None = None,
    at: str | None = None,
    reason: str = "",
) -> dict[str, Any]:
    """Enqueue a job of a method that this site's jobs have run lately; `arguments`: {name: value}, or its JSON."""
    return new_jobs.make(method, frappe.parse_json(arguments) if arguments else {}, queue, timeout, at, reason)

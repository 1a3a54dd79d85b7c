"""Jobs for those who wait for them: whoever is logged in, and of each job only what they may know."""

from typing import Any

import frappe

from job_console.bridge import own_jobs
from job_console.bridge.access import for_users


@frappe.whitelist()
@for_users
def my_jobs() -> dict[str, Any]:
    """What the caller has started in the background, and how far it is; the newest first."""
    return own_jobs.mine()


@frappe.whitelist()
@for_users
def document_jobs(doctype: str, name: str) -> dict[str, Any]:
    """What works on this document in the background: all of it for who may read it, else what the caller started."""
    return own_jobs.of_document(doctype, name)


@frappe.whitelist(methods=["POST"])
@for_users
def cancel_my_job(job_id: str) -> dict[str, Any]:
    """Take out a job that the caller has started and that has not begun."""
    return own_jobs.cancel(job_id)

"""One job: what it is, why it is as it is, and where it is."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers
from job_console.bridge.statements import statements


@frappe.whitelist()
@for_managers
def show(job_id: str) -> dict[str, Any]:
    """One job with its runs, timeline, arguments and traceback."""
    return console().jobs.show(job_id)


@frappe.whitelist()
@for_managers
def explain(job_id: str) -> dict[str, Any]:
    """Why a job waits, runs, failed or is stuck, in words; the most immediate cause first."""
    return console().jobs.explain(job_id)


@frappe.whitelist()
@for_managers
def log(job_id: str) -> dict[str, Any]:
    """What a job has printed and logged: the last kilobytes, of one that runs, has ended or was killed."""
    return console().jobs.log(job_id)


@frappe.whitelist()
@for_managers
def profile(job_id: str) -> dict[str, Any]:
    """At which lines a running job spends the next five seconds."""
    return console().jobs.profile(job_id)


@frappe.whitelist()
@for_managers
def where(job_id: str) -> dict[str, Any]:
    """Where a running job is: its Python stack, what its process does, and in words what that means."""
    return statements.where(job_id)

"""This site's incidents."""

from typing import Any

import frappe

from job_console.bridge.access import for_managers
from job_console.bridge.sweep import incidents


@frappe.whitelist(methods=["POST"])
@for_managers
def pulse() -> dict[str, Any]:
    """How many incidents are open. Whoever asks keeps the site's incidents up to date: once in a while it sweeps."""
    return incidents.pulse()


@frappe.whitelist()
@for_managers
def open_incidents() -> dict[str, Any]:
    """This site's open incidents, and those that ended on the last day."""
    return {"incidents": incidents.open_incidents()}


@frappe.whitelist(methods=["POST"])
@for_managers
def acknowledge(incident: str) -> dict[str, Any]:
    """Say that somebody looks after it."""
    frappe.get_doc("Job Incident", incident).acknowledge()
    return {"incidents": incidents.open_incidents()}

"""Actions on all jobs of a query, in slices."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers


@frappe.whitelist(methods=["POST"])
@for_managers
def start_bulk(action: str, q: str, reason: str = "", to: str | None = None) -> dict[str, Any]:
    """Begin to do `action` to all jobs that match a query; `step_bulk` does it, a second of work at a time."""
    return console().bulks.start(action, q, reason, to)


@frappe.whitelist(methods=["POST"])
@for_managers
def step_bulk(bulk: str) -> dict[str, Any]:
    """Go on with a bulk action for a second. One that nobody goes on with, the sweep does."""
    return console().bulks.go_on(bulk)


@frappe.whitelist(methods=["POST"])
@for_managers
def cancel_bulk(bulk: str) -> dict[str, Any]:
    """End a bulk action: what is done is done, the rest is left."""
    return console().bulks.cancel(bulk)


@frappe.whitelist(methods=["POST"])
@for_managers
def undo_bulk(bulk: str) -> dict[str, Any]:
    """Begin to undo what a bulk action did and has not started since, by another one."""
    return console().bulks.undo(bulk)


@frappe.whitelist()
@for_managers
def bulks() -> dict[str, Any]:
    """This site's bulk actions of the last day, the newest first."""
    return console().bulks.all()

"""Locks of this site and of the bench."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers


@frappe.whitelist()
@for_managers
def locks(idle: bool = False) -> dict[str, Any]:
    """Locks of this site and of the bench that are in use, who waits for whom, and deadlocks."""
    return console().locks.all(idle=frappe.utils.cint(idle) == 1)


@frappe.whitelist()
@for_managers
def lock(key: str) -> dict[str, Any]:
    return console().locks.show(key)


@frappe.whitelist(methods=["POST"])
@for_managers
def release_lock(key: str, reason: str, fence: int | None = None) -> dict[str, Any]:
    """Take a lock from its holders, or from the one of this fence: what they have not committed is rolled back."""
    return console().locks.release(key, reason, fence)


@frappe.whitelist(methods=["POST"])
@for_managers
def extend_lock(key: str, seconds: float, reason: str = "", fence: int | None = None) -> dict[str, Any]:
    """Give the holders of a lock, or the one of this fence, more time."""
    return console().locks.extend(key, seconds, reason, fence)

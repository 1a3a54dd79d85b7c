"""Failures by their cause, and retries of whole groups."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers


@frappe.whitelist()
@for_managers
def failures(
    queue: str | None = None,
    method: str | None = None,
    group: str | None = None,
    order: str = "count",
    page: int = 1,
    size: int = 50,
) -> dict[str, Any]:
    """This site's failures by their cause, all of them counted; and which groups are being retried."""
    return console().failures.groups(queue=queue, method=method, group=group, order=order, page=page, size=size)


@frappe.whitelist()
@for_managers
def failure_jobs(group: str, queue: str | None = None, page: int = 1, size: int = 20) -> dict[str, Any]:
    """A page of one group's jobs, those that failed last first."""
    return console().failures.jobs(group, queue=queue, page=page, size=size)


@frappe.whitelist(methods=["POST"])
@for_managers
def retry_group(
    group: str,
    canary: bool = True,
    rate: float = 60.0,
    stop_at: int = 3,
    reason: str = "",
    queue: str | None = None,
) -> dict[str, Any]:
    """Retry a group of failures: one first and then so many a minute (`canary`), or all at once."""
    return console().failures.retry(group, canary, rate, stop_at, reason, queue=queue)


@frappe.whitelist(methods=["POST"])
@for_managers
def cancel_canary(canary: str, reason: str = "") -> dict[str, Any]:
    """End a group's retry: what was not released stays failed."""
    return console().failures.cancel_canary(canary, reason)

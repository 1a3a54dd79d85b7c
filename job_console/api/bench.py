"""The bench as a whole: how it is now, and operations on its queues, methods and workers."""

from typing import Any

import frappe

from job_console.bridge import live
from job_console.bridge.access import console, for_managers
from job_console.bridge.policies import policies


@frappe.whitelist()
@for_managers
def snapshot(since: str | None = None) -> dict[str, Any]:
    """The whole bench now: lanes, workers, warnings. Other sites' jobs are counted, never named. `since`: a look that
    is not older than this, as the event said."""
    return live.snapshot(since)


@frappe.whitelist(methods=["POST"])
@for_managers
def operate(
    action: str, target: str = "", seconds: float | None = None, reason: str = "", to: str | None = None
) -> dict[str, Any]:
    """Pause and resume a queue or a method, suspend the bench, quiet or stop a worker, move what waits: see docs."""
    return console().operations.run(action, target, seconds, reason, to)


@frappe.whitelist()
@for_managers
def drain() -> dict[str, Any]:
    """What still runs, and when it is safe to deploy."""
    return console().operations.drain()


@frappe.whitelist()
@for_managers
def lanes() -> dict[str, Any]:
    """How long a job of each lane of this bench may run, in seconds."""
    return policies.lane_limits()

"""Actions on jobs, and the trail of them."""

from typing import Any

import frappe

from job_console.bridge import tasks
from job_console.bridge.access import console, for_managers
from job_console.bridge.schedule import actions


@frappe.whitelist(methods=["POST"])
@for_managers
def act(
    action: str,
    job_ids: str | list[Any] | None = None,
    reason: str = "",
    to: str | None = None,
    queue: str | None = None,
    started_at: str | None = None,
) -> dict[str, Any]:
    """Do `action` to each job (a list, or its JSON), or to each schedule whose runs have this id; one outcome each."""
    ids = [str(job_id) for job_id in frappe.parse_json(job_ids)] if job_ids else []
    if action in actions.ACTS:
        return actions.act(action, ids, reason)
    run = console().actions.run
    return tasks.act(action, ids, lambda: run(action, ids, reason=reason, to=to, queue=queue, started_at=started_at))


@frappe.whitelist(methods=["POST"])
@for_managers
def retry_edited(job_id: str, changes: str | dict[str, Any], reason: str = "") -> dict[str, Any]:
    """Enqueue a job that ended anew, as a new job, with some arguments changed: {name: value}, or its JSON."""
    return console().actions.retry_edited(job_id, frappe.parse_json(changes), reason)


@frappe.whitelist()
@for_managers
def audit(page: int = 1, size: int = 50) -> dict[str, Any]:
    """What people did to this site's jobs, newest first."""
    return console().actions.audit(page=page, size=size)

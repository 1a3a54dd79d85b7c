"""Job Policies: drafts, checks and trials of them, and what was observed."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers
from job_console.bridge.policies import policies


@frappe.whitelist()
@for_managers
def try_policy(policy: str | dict[str, Any]) -> dict[str, Any]:
    """Which jobs of this site's last day a Job Policy would have been for, as its form stands."""
    return policies.tried(frappe.parse_json(policy))


@frappe.whitelist()
@for_managers
def check_policy(policy: str | dict[str, Any]) -> list[Any]:
    """What is wrong with a Job Policy as its form stands: all of it, each at its field."""
    return policies.mistakes(frappe.parse_json(policy))


@frappe.whitelist()
@for_managers
def seen_methods() -> list[Any]:
    """Names for a policy: the methods of this site's jobs of the last day."""
    return console().policies.seen_methods()


@frappe.whitelist()
@for_managers
def early_jobs() -> dict[str, Any]:
    """This site's jobs of the last day that were enqueued before what they are about was committed, by method."""
    return console().policies.early_jobs()


@frappe.whitelist()
@for_managers
def draft_policy(job_id: str) -> dict[str, Any]:
    """The fields of a new Job Policy for the jobs of this one's method, from what was observed."""
    return policies.drafted(job_id)


@frappe.whitelist(methods=["POST"])
@for_managers
def record_repeat(job_id: str, answer: str) -> str:
    """Write down whether this job's method may run twice: `Safe` or `Unsafe`. Returns its policy's name."""
    return policies.record_repeat(job_id, answer)


@frappe.whitelist(methods=["POST"])
@for_managers
def reset_policy(name: str) -> None:
    """Back to what the code declares, in all fields of a Job Policy."""
    frappe.get_doc("Job Policy", name).reset_to_code()

"""Views of Jobs that people have saved."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers


@frappe.whitelist()
@for_managers
def views() -> dict[str, Any]:
    """The caller's saved views of this site's jobs, and the shared ones."""
    return console().saved_views.all()


@frappe.whitelist(methods=["POST"])
@for_managers
def save_view(name: str, q: str, sort: str = "", shared: bool = False) -> dict[str, Any]:
    """Keep a query under a name, for the caller or for everybody."""
    return console().saved_views.save(name, q, sort, shared)


@frappe.whitelist(methods=["POST"])
@for_managers
def delete_view(view: str) -> dict[str, Any]:
    """Forget a saved view, by its id."""
    return console().saved_views.delete(view)

"""The workspace had the app's title: where Frappe also makes a Desktop Icon of that name, one of the two fails."""

import frappe


def execute() -> None:
    for doctype in ("Workspace", "Workspace Sidebar", "Desktop Icon"):
        if frappe.db.table_exists(doctype):
            frappe.db.delete(doctype, {"name": "Job Console"})
    for table in ("Workspace Link", "Workspace Shortcut", "Workspace Chart", "Workspace Number Card"):
        frappe.db.delete(table, {"parent": "Job Console"})
    frappe.db.delete("Has Role", {"parent": "Job Console", "parenttype": "Workspace"})
    if frappe.get_meta("User").has_field("default_workspace"):
        old = {"default_workspace": "Job Console"}
        frappe.db.set_value("User", old, "default_workspace", "Job Queues", update_modified=False)

"""The desk's sidebar has all our pages, with icons, on each version.

17, and 16 since its new sidebar, read `workspace_sidebar/` and `desktop_icon/` of the app. Before that the sidebar is
made of workspaces, and some of them may be links: those are made here. 15 without links has the workspace, which names
all pages itself.
"""

import frappe

from job_console.bridge import versions
from job_console.engine.messages import _

HOME = "Job Queues"
PAGE = "job-monitor"
#: The other one is for everybody, and no part of this sidebar: the desk's script leads to it.
PAGES = (PAGE, "my-jobs")
_WORKSPACE = "Workspace"
#: Label, what it leads to, icon. No label may read like a route of the desk: a workspace's own would go before that.
ENTRIES = (
    ("Live Jobs", "Page", PAGE, "list"),
    ("Job Incidents", "DocType", "Job Incident", "notification"),
    ("Job Locks", "DocType", "Lock Registry", "lock"),
    ("Job Policies", "DocType", "Job Policy", "review"),
    ("Job Settings", "DocType", "Job Console Settings", "setting-gear"),
)
#: Labels in `workspace_sidebar/`: 17 translates them, and only its tools look for them there.
LABELS = (_("Home"), _("Job Policies"), _("Checkpoints"), _("Once Keys"), _("Settings"))


def sync() -> None:
    """After installation and migration: Frappe may be another version than before."""
    if versions.has_doctype("Workspace Sidebar") or not frappe.get_meta(_WORKSPACE).has_field("link_to"):
        remove()
        return
    for number, (label, link_type, link_to, icon) in enumerate(ENTRIES, start=1):
        if frappe.db.exists(_WORKSPACE, label):
            continue
        frappe.get_doc(
            {
                "doctype": _WORKSPACE,
                "label": label,
                "title": label,
                "type": "Link",
                "link_type": link_type,
                "link_to": link_to,
                "icon": icon,
                "parent_page": HOME,
                "sequence_id": 40 + number / 10,
                "module": "Job Console",
                "app": "job_console",
                "public": 1,
                "content": "[]",
                "roles": [{"role": "System Manager"}],
            }
        ).insert(ignore_permissions=True)


def remove() -> None:
    for label, *_more in ENTRIES:
        if frappe.db.exists(_WORKSPACE, {"name": label, "module": "Job Console"}):
            frappe.delete_doc(_WORKSPACE, label, force=True, ignore_permissions=True)

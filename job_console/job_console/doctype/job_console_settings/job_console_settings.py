import frappe
from frappe.model.document import Document

from job_console.bridge.policies import policies


class JobConsoleSettings(Document):
    """Choices of a site's System Managers. Who may read it also gets change events: see bridge/realtime.py."""

    def on_update(self) -> None:
        frappe.db.after_commit.add(policies.try_to_publish)

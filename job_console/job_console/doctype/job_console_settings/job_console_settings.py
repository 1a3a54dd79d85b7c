import frappe
from frappe import _
from frappe.model.document import Document

from job_console.bridge.policies import policies
from job_console.bridge.sweep import alerts, weekly_report


class JobConsoleSettings(Document):
    """Choices of a site's System Managers. Who may read it also gets change events: see bridge/realtime.py."""

    def validate(self) -> None:
        unknown = alerts.unknown(weekly_report.receivers(self.weekly_report_to))
        if unknown:
            frappe.throw(_("{0} is no user, role or address.").format(repr(unknown[0])))

    def on_update(self) -> None:
        frappe.db.after_commit.add(policies.try_to_publish)

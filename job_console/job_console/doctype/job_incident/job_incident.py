import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, now_datetime

from job_console.bridge import language
from job_console.bridge.sweep import notifications


class JobIncident(Document):
    """A warning that was there for a while: written by the sweep (bridge/sweep/incidents.py), read and acknowledged
    here.
    """

    def onload(self) -> None:
        """Whoever opens it reads it in their own language."""
        if found := language.unpacked(self.get("sentence")):
            self.message = language.spoken(found)

    def acknowledge(self) -> None:
        """Somebody looks after it. It stays open until its condition ends.

        Not whitelisted: Frappe also runs a document's methods by GET. `api.acknowledge` is the way here.
        """
        self.check_permission("write")
        if self.status != "Open":
            frappe.throw(_("This incident is {0} already.").format(_(self.status).lower()))
        self.update({"status": "Acknowledged", "acknowledged_by": frappe.session.user, "acknowledged": now_datetime()})
        self.save()
        notifications.changed()

    @staticmethod
    def clear_old_logs(days: int = 90) -> None:
        """Frappe's log clearing: what ended so many days ago. Open incidents stay."""
        old = {"status": "Resolved", "resolved": ("<", add_days(now_datetime(), -days))}
        frappe.db.delete("Job Incident", old)

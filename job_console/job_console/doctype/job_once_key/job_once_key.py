import frappe
from frappe.model.document import Document


class JobOnceKey(Document):
    """Work that is done, under its key: written in the work's own transaction. See runtime/once.py."""

    @staticmethod
    def clear_old_logs(days: int = 30) -> None:
        before = frappe.utils.add_days(frappe.utils.now_datetime(), -days)
        frappe.db.delete("Job Once Key", {"modified": ("<", before)})

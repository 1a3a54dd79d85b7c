import frappe
from frappe.model.document import Document


class JobOnceKey(Document):
    """Work that is done, under its key: written in the work's own transaction. See runtime/once.py."""

    @staticmethod
    def clear_old_logs(days: int = 30) -> None:
        before = frappe.utils.add_days(frappe.utils.now_datetime(), -days)
        frappe.db.delete("Job Once Key", {"modified": ("<", before)})


def on_doctype_update() -> None:
    """Called by Frappe. On SQLite it rebuilds the table of a changed doctype, and forgets that names are unique."""
    if frappe.db.db_type == "sqlite":
        frappe.db.add_unique("Job Once Key", ["name"], "job_once_key_name")

import frappe
from frappe.model.document import Document


class JobCheckpoint(Document):
    """How far a loop of a job has come that commits chunk by chunk: written by the job itself, with its work.

    See runtime/chunks/checkpoint.py.
    """

    @staticmethod
    def clear_old_logs(days: int = 30) -> None:
        """Not the paused ones: they are somebody's to resume."""
        before = frappe.utils.add_days(frappe.utils.now_datetime(), -days)
        filters = {"modified": ("<", before), "status": ("!=", "Paused")}
        old = frappe.get_all("Job Checkpoint", filters=filters, pluck="name")
        frappe.db.delete("Job Checkpoint Item", {"parent": ("in", old)})
        frappe.db.delete("Job Checkpoint", {"name": ("in", old)})

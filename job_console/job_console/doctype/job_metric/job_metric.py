import frappe
from frappe.model.document import Document


class JobMetric(Document):
    """An hour or a day of this site's jobs, as sweeps put it away: see bridge/sweep/job_metrics.py."""

    @staticmethod
    def clear_old_logs(days: int = 400) -> None:
        before = frappe.utils.add_days(frappe.utils.now_datetime(), -days)
        frappe.db.delete("Job Metric", {"start": ("<", before)})


def on_doctype_update() -> None:
    """Called by Frappe. On SQLite it rebuilds the table of a changed doctype, and forgets that names are unique."""
    if frappe.db.db_type == "sqlite":
        frappe.db.add_unique("Job Metric", ["name"], "job_metric_name")

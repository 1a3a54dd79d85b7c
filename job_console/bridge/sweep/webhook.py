"""The webhook `Job Incident Opened`, disabled until somebody enables it. The e-mail of the same event is a Notification
in the module's `notification` folder; Frappe ships no webhooks with an app, so this one is made when the app is
installed.
"""

import frappe

WEBHOOK = "Job Incident Opened"


def make() -> None:
    """Once, at installation: who deletes it does not get it again."""
    if frappe.db.exists("Webhook", WEBHOOK):
        return
    fields = ("name", "severity", "code", "message", "jobs", "queue", "method", "job_id", "worker", "opened")
    frappe.get_doc(
        {
            "doctype": "Webhook",
            "name": WEBHOOK,
            "__newname": WEBHOOK,
            "enabled": 0,
            "webhook_doctype": "Job Incident",
            "webhook_docevent": "after_insert",
            "request_url": "https://example.com/job-incidents",
            "request_method": "POST",
            "request_structure": "Form URL-Encoded",
            "webhook_data": [{"fieldname": field, "key": field} for field in fields],
        }
    ).insert(ignore_permissions=True, set_name=WEBHOOK)


def remove() -> None:
    """Its doctype goes with the app."""
    frappe.delete_doc("Webhook", WEBHOOK, ignore_missing=True, force=True)

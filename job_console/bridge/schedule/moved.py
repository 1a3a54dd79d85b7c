"""Schedules that people have given another time than their app declares.

Frappe sets declared schedules back on every migrate. So Job Console Settings keep what people chose, and it is set
again after that. The frequency stays, because it decides the lane: Frappe goes by `cron_format` where there is one.
"""

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from job_console.bridge.schedule import schedule

SETTINGS = "Job Console Settings"


def set_cron(record: Document, cron: str) -> None:
    """Through the document's own checks, and remembered for the next migrate."""
    before, before_format = schedule.cron_of(record), record.cron_format or ""
    _save(record, cron)
    settings = frappe.get_doc(SETTINGS)
    row = _row(settings, record.method)
    if row is None:
        row = settings.append("moved_schedules", {"method": record.method})
        row.declared, row.declared_format = before, before_format
    row.update({"cron": cron, "moved_by": frappe.session.user, "moved_at": now_datetime()})
    settings.save()


def reset(record: Document) -> bool:
    """Back to what the app declares. False: it is so already."""
    settings = frappe.get_doc(SETTINGS)
    row = _row(settings, record.method)
    if row is None:
        return False
    _save(record, row.declared_format or "")
    settings.remove(row)
    settings.save()
    return True


def after_migrate() -> None:
    """What people chose, again; and what the code declares by now, to go back to."""
    settings, changed = frappe.get_doc(SETTINGS), False
    for row in settings.moved_schedules:
        name = frappe.db.get_value(schedule.RECORD, {"method": row.method})
        record = name and frappe.get_doc(schedule.RECORD, name)
        if record and schedule.cron_of(record) != row.cron:
            row.declared, row.declared_format = schedule.cron_of(record), record.cron_format or ""
            _save(record, row.cron)
            changed = True
    if changed:
        settings.save(ignore_permissions=True)


def _save(record: Document, cron: str) -> None:
    record.cron_format = cron
    record.save()


def _row(settings: Document, method: str) -> Document | None:
    return next((row for row in settings.moved_schedules if row.method == method), None)

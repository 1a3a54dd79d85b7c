"""Schedules to which people have given another time than their app declares.

Frappe resets declared schedules on every migrate. So Job Console Settings keep the chosen times, and they are applied
again after the migration. The frequency is kept, because it decides the lane; `cron_format` takes precedence for times.
"""

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from job_console.bridge.schedule import schedule

SETTINGS = "Job Console Settings"


def set_cron(record: Document, cron: str) -> None:
    """Set the expression through the document, with its checks, and keep it for the next migrate."""
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
    """Reset to what the app declares. False: it is so already."""
    settings = frappe.get_doc(SETTINGS)
    row = _row(settings, record.method)
    if row is None:
        return False
    _save(record, row.declared_format or "")
    settings.remove(row)
    settings.save()
    return True


def after_migrate() -> None:
    """Apply the chosen times again, and record what the code declares now, for `reset`."""
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

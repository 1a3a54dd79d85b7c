"""Telling System Managers that an incident has opened: a desk notification, and a message on the screen."""

import frappe
from frappe.model.document import Document
from frappe.utils.user import get_users_with_role

from job_console.bridge import language, realtime
from job_console.bridge.access import ROLE

from . import notification_log

EVENT = "job_console_incident"
_SEVERITIES = ("Critical", "Warning")
#: Others are reached by mail or chat, with a Notification that the site sets up itself.
_MOST = 50


def opened(incident: Document, message: str) -> None:
    """Once for each incident, and again when it becomes critical; each in their own language."""
    if _wanted(incident.severity):
        for user in _managers():
            text = language.spoken(message, user)
            notification_log.notify(user, text, incident.doctype, incident.name, again=True)
            reported = {"name": incident.name, "severity": incident.severity, "message": text}
            frappe.publish_realtime(EVENT, reported, user=user, after_commit=True)
    changed()


def changed() -> None:
    """The number of open incidents is another one; no more than that."""
    frappe.publish_realtime(EVENT, {}, room=realtime.ROOM, after_commit=True)


def _wanted(severity: str) -> bool:
    settings = frappe.db.get_singles_dict("Job Console Settings")
    # What was never saved has its default.
    if not frappe.utils.cint(settings.get("notify", 1)):
        return False
    return _SEVERITIES.index(severity) <= _SEVERITIES.index(settings.get("notify_severity") or "Warning")


def _managers() -> list[str]:
    """System Managers who may log in. Administrator is one, although Frappe leaves that one out of its roles."""
    return frappe.get_all(
        "User",
        filters={
            "name": ("in", [*get_users_with_role(ROLE), "Administrator"]),
            "enabled": 1,
            "user_type": "System User",
        },
        pluck="name",
        limit_page_length=_MOST,
    )

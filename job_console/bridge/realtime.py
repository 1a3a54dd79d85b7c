"""Tells open Job Monitor pages that something changed. The event carries nothing: the page asks the API."""

import frappe

from job_console.engine import keys
from job_console.engine.link import Redis

EVENT = "job_console_changed"
#: Joining the room of a doctype needs read permission on it; only System Managers have that on this one.
ROOM = "doctype:Job Console Settings"
#: However many jobs start and end, pages are told at most this often per site.
QUIET_MS = 500


def publish_changed(redis: Redis) -> None:
    if redis.set(keys.own("told", frappe.local.site), 1, nx=True, px=QUIET_MS):
        frappe.publish_realtime(EVENT, room=ROOM)

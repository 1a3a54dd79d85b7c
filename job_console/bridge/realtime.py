"""Tells open Job Monitor pages that something changed. The event carries nothing: the page asks the API."""

from collections.abc import Callable
from typing import Any

import frappe

from job_console.engine import keys
from job_console.engine.link import Pipeline

EVENT = "job_console_changed"
#: Joining the room of a doctype needs read permission on it; only System Managers have that on this one.
ROOM = "doctype:Job Console Settings"
#: However many jobs start and end, pages are told at most this often per site.
QUIET_MS = 500


def ask(pipeline: Pipeline, then: Callable[[Callable[[Any], None]], None]) -> None:
    """Ask whether the pages are to be told; `then` takes what is to be done with the answer."""
    pipeline.set(keys.own("told", frappe.local.site), 1, nx=True, px=QUIET_MS)
    then(_tell)


def _tell(first: Any) -> None:
    if first:
        frappe.publish_realtime(EVENT, room=ROOM)

"""Notifies open Job Monitor pages of a change. The event has no content; the page asks the API."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import frappe

from job_console.bridge.connection import queue_prefix
from job_console.engine.redis import keys
from job_console.engine.redis.link import Pipeline, script
from job_console.engine.wire import time

EVENT = "job_console_changed"
#: Joining the room of a doctype needs read permission on it; only System Managers have that on this one.
ROOM = "doctype:Job Console Settings"
#: However many jobs start and end, pages are told at most this often per site.
QUIET_MS = 500


def message(site: str, since: datetime | None = None) -> str:
    """For Frappe's socket process. `since`: how new a snapshot must be that shows the change, where that is known."""
    said = {"at": time(since)} if since else {}
    return json.dumps({"event": EVENT, "message": said, "room": ROOM, "namespace": site})


def ask(pipeline: Pipeline, then: Callable[[Callable[[Any], object]], None]) -> None:
    """Put the notification on a pipeline; `then` gets a function for the answer.

    `frappe.publish_realtime` is not used: in a work-horse it would load modules and open a connection, which takes 15
    ms of each job. Where a process notifies the pages (`live`), nothing is sent from here.
    """
    site = frappe.local.site
    names = (keys.own("told", site), keys.notifier(queue_prefix(), site))
    pipeline.eval(script("tell_pages"), len(names), *names, QUIET_MS, message(site))
    then(_notify)


def _notify(still_to_do: Any) -> None:
    if still_to_do:
        frappe.publish_realtime(EVENT, {}, room=ROOM)

"""The engine's messages in a person's language, zone and formats: the one edge where they are translated.

Looks, notes and incidents are shared by all readers of a site, so a message is spoken for whoever reads it, as the last
step: of an answer of the API (`access.for_managers`), of a notification (for its receiver), of what the site stores or
mails (`of_site`).
"""

import json
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import frappe
from frappe.translate import get_user_lang
from frappe.utils import format_date, get_system_timezone

from job_console.bridge import versions
from job_console.engine import messages
from job_console.engine.messages import Instant, Reader

_TIMES = {"time": "%H:%M", "date_time": "%H:%M"}


def spoken(value: Any, user: str | None = None) -> Any:
    """An answer, or one message, for `user`; None: who asks."""
    language = get_user_lang(user) if user else frappe.local.lang
    return messages.spoken(value, _reader(language, lambda: _zone(user or frappe.session.user)))


def of_site(text: str) -> str:
    """For what everybody reads."""
    return messages.spoken(text, _reader(frappe.db.get_default("lang") or "en", get_system_timezone))


def unpacked(packed: object) -> str | None:
    """A stored message; None where there is none (an older version stored the text alone)."""
    try:
        return messages.unpack(json.loads(str(packed))) if packed else None
    except ValueError:
        return None


def _reader(language: str, zone: Callable[[], str]) -> Reader:
    return Reader(
        template=lambda text: frappe._(text, lang=language),
        number=lambda value, spec: _number(value, spec, language),
        instant=lambda instant: _instant(instant, zone()),
    )


def _zone(user: str) -> str:
    """As the desk has it: the user's own, else the site's."""
    return frappe.get_cached_value("User", user, "time_zone") or get_system_timezone()


def _number(value: float, spec: str, language: str) -> str:
    decimals, thousands = versions.number_separators(language)
    return format(value, spec).translate({ord("."): decimals, ord(","): thousands})


def _instant(instant: Instant, zone: str) -> str:
    """The zone is not named: all times of the desk are in it, and the page says so once."""
    try:
        local = instant.at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return str(instant)
    time = f"{local:{_TIMES.get(instant.shape, '%H:%M:%S')}}"
    return time if instant.shape.startswith("time") else f"{format_date(local.date())} {time}"

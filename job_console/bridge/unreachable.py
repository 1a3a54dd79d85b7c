"""Answers requests while Redis is down, with one line in the log a minute instead of an Error Log for each answer.

Frappe writes an Error Log for every answer of 500 and above. A page that asks every few seconds would fill that list
while the queues are down, and hide other errors.
"""

from contextlib import suppress
from time import monotonic

import frappe
from redis.exceptions import RedisError

from job_console.bridge import logs

EVERY_S = 60

#: By site: when this process last wrote a line.
_logged_at: dict[str, float] = {}


def log(trouble: str) -> None:
    """Write one line in `logs/job_console.log`, once a minute for all processes of the site together."""
    site = frappe.local.site
    if monotonic() - _logged_at.get(site, float("-inf")) < EVERY_S:
        return
    _logged_at[site] = monotonic()
    if _first():
        logs.logger().error("%s: %s", site, trouble)


def answer(error: frappe.ValidationError) -> None:
    """Make the response that Frappe would make of this error, without raising it; its message is in the response
    already.
    """
    frappe.db.rollback()
    frappe.local.response.http_status_code = error.http_status_code
    frappe.local.response["exc_type"] = type(error).__name__


def _first() -> bool:
    """Whether this is the first process of the bench to log it. The cache is usually another server than the one that
    is down.
    """
    with suppress(RedisError, OSError):
        name = f"job_console:unreachable:{frappe.local.site}"
        return bool(frappe.cache.set(name, 1, nx=True, ex=EVERY_S))
    return True

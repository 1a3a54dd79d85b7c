"""Redis is down and pages go on asking: what Frappe would write down of each answer is said once a minute instead.

Frappe writes an Error Log for every answer of 500 and above. A page that looks every few seconds would fill that list
while the queues are down, and bury what else goes wrong then.
"""

from contextlib import suppress
from time import monotonic

import frappe
from redis.exceptions import RedisError

EVERY_S = 60

#: By site: when this process last said so.
_logged_at: dict[str, float] = {}


def log(trouble: str) -> None:
    """One line in `logs/job_console.log`, of all processes of the site together."""
    site = frappe.local.site
    if monotonic() - _logged_at.get(site, float("-inf")) < EVERY_S:
        return
    _logged_at[site] = monotonic()
    if _first():
        frappe.logger("job_console").error("%s: %s", site, trouble)


def answer(error: frappe.ValidationError) -> None:
    """What Frappe would answer to this error, without raising it; the message is among the response's already."""
    frappe.db.rollback()
    frappe.local.response.http_status_code = error.http_status_code
    frappe.local.response["exc_type"] = type(error).__name__


def _first() -> bool:
    """Of the processes of this bench; the cache is another server than the one that is down, as a rule."""
    with suppress(RedisError, OSError):
        name = f"job_console:unreachable:{frappe.local.site}"
        return bool(frappe.cache.set(name, 1, nx=True, ex=EVERY_S))
    return True

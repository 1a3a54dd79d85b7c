"""On migrate, makes Scheduled Job Types of `@job_console.job(schedule=…)`.

On every migrate Frappe deletes Scheduled Job Types that no app's `scheduler_events` name, unless they have a Scheduler
Event. So each of ours has one, and keeps its history, and whether it is stopped.
"""

from collections.abc import Collection, Mapping
from functools import partial

import click
import frappe
from frappe import _

from job_console.bridge.schedule.schedule import RECORD
from job_console.engine.schedule.check import mistake

from .best_effort import best_effort

EVENT = "Scheduler Event"
#: The document that our Scheduler Events refer to.
_FOR = "Job Policy"


def sync(wanted: Mapping[str, str], unread: Collection[str]) -> None:
    """`wanted`: when each method is to run. `unread`: modules whose declarations are not known now."""
    if not frappe.db.table_exists(EVENT):
        if wanted:
            click.secho("This Frappe forgets schedules that hooks.py does not name: declare them there.", fg="yellow")
        return
    for method, when in wanted.items():
        best_effort(f"The schedule of {method}", partial(_follow, method, when))
    for method in frappe.get_all(EVENT, {"scheduled_against": _FOR}, pluck="method"):
        if method not in wanted and method.rpartition(".")[0] not in unread:
            _let_go(method)


def withdraw() -> None:
    """Job Console has left this site, and nobody declares these any more. Frappe's dry run comes here, too."""
    if "job_console" not in frappe.get_installed_apps() and frappe.db.table_exists(EVENT):
        sync({}, ())


def _follow(method: str, when: str) -> None:
    frequency, cron_format = _frequency(when)
    name = frappe.db.exists(RECORD, {"method": method})
    record = frappe.get_doc(RECORD, name) if name else frappe.new_doc(RECORD, method=method)
    if name and not record.scheduler_event:
        frappe.throw(_("It has one that Job Console has not made, perhaps from hooks.py."))
    if (record.frequency, record.cron_format or "", bool(name)) == (frequency, cron_format, True):
        return
    record.update({"frequency": frequency, "cron_format": cron_format, "scheduler_event": _event(method)})
    record.save(ignore_permissions=True)


def _frequency(when: str) -> tuple[str, str]:
    """(frequency, cron expression): as `scheduler_events` has it, one of Frappe's frequencies or an expression."""
    frequency = when.replace("_", " ").title()
    if frequency != "Cron" and frequency in frappe.get_meta(RECORD).get_options("frequency").split("\n"):
        return frequency, ""
    wrong = mistake(when)
    if wrong:
        frappe.throw(wrong.message)
    return "Cron", when


def _event(method: str) -> str:
    filters = {"scheduled_against": _FOR, "method": method}
    known = frappe.db.exists(EVENT, filters)
    return known or frappe.get_doc({"doctype": EVENT, **filters}).insert(ignore_permissions=True).name


def _let_go(method: str) -> None:
    for name in frappe.get_all(EVENT, {"scheduled_against": _FOR, "method": method}, pluck="name"):
        for record in frappe.get_all(RECORD, {"scheduler_event": name}, pluck="name"):
            frappe.delete_doc(RECORD, record, ignore_permissions=True, force=True)
        frappe.delete_doc(EVENT, name, ignore_permissions=True, force=True)

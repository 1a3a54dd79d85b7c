"""This site's schedules."""

from typing import Any

import frappe

from job_console.bridge.access import console, for_managers
from job_console.bridge.schedule import actions


@frappe.whitelist()
@for_managers
def schedule() -> dict[str, Any]:
    """This site's schedules: what runs when, in words; the next runs, and how the last ones really ended."""
    return console().schedules.all()


@frappe.whitelist()
@for_managers
def schedule_preview(cron: str) -> dict[str, Any]:
    """What a cron expression says, its next ten runs, and what is wrong with it, and where."""
    return console().schedules.preview(cron)


@frappe.whitelist()
@for_managers
def schedule_day() -> dict[str, Any]:
    """The next 24 hours of the lanes, foreseen: who runs when on which worker, and where too much comes together."""
    return console().schedules.day()


@frappe.whitelist()
@for_managers
def schedule_quieter() -> dict[str, Any]:
    """Quieter minutes for this site's schedules, and the difference that they would make. Changes nothing."""
    return console().schedules.quieter()


@frappe.whitelist(methods=["POST"])
@for_managers
def move_schedules(moves: str | list[Any], reason: str = "") -> dict[str, Any]:
    """Give schedules other times: `moves` is a list (or its JSON) of `{"record", "cron"}`; one outcome each."""
    return actions.move(frappe.parse_json(moves), reason)

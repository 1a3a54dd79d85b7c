"""Warnings: what they mean, what is done about them, and silence."""

from typing import Any

import frappe

from job_console.bridge import tasks
from job_console.bridge.access import console, for_managers


@frappe.whitelist()
@for_managers
def warnings() -> dict[str, Any]:
    return console().warnings.all()


@frappe.whitelist()
@for_managers
def about_warning(code: str) -> dict[str, Any]:
    """What a warning of this code means: what is true, how it is known, what to do."""
    return console().warnings.about(code)


@frappe.whitelist(methods=["POST"])
@for_managers
def mend(dry_run: bool = False, code: str | None = None) -> dict[str, Any]:
    """Do what is safe about every warning of this site and of the bench, or those of a code; with `dry_run` only say
    what."""
    return console().warnings.mend(dry_run=dry_run, code=code)


@frappe.whitelist(methods=["POST"])
@for_managers
def remedy(warning: str, action: str, reason: str = "") -> dict[str, Any]:
    """Do a remedy of a warning, named by its id, to all jobs that it is about."""
    done = console().warnings.remedy(warning, action, reason)
    tasks.follow(action, done["results"])
    return done


@frappe.whitelist(methods=["POST"])
@for_managers
def silence_warning(
    warning: str, how: str = "acknowledge", seconds: float | None = None, reason: str = ""
) -> dict[str, Any]:
    """`acknowledge`, `snooze`, `mute` or `unmute` a warning, named by its id; for so many seconds at most."""
    return console().warnings.silence(warning, how, seconds, reason)

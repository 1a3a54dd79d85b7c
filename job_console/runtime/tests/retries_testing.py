"""Methods for jobs that are tried again."""

import os
import signal

import frappe

from job_console.bridge.tests.testing import MARK
from job_console.engine.progress.early_exit import StopAsked


def attempt(name: str) -> int:
    """Which attempt of this job it is."""
    number = frappe.cache.incrby(f"{MARK}{name}", 1)
    frappe.cache.expire(f"{MARK}{name}", 600)
    return int(number)


def fail_at_first(name: str, times: int = 1) -> dict:
    if attempt(name) <= times:
        raise ValueError("not this time")
    return {"user": frappe.session.user, "site": frappe.local.site, "name": name}


def die_at_first(name: str) -> str:
    if attempt(name) <= 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def leave(name: str) -> None:
    """As a job that somebody stops."""
    attempt(name)
    raise StopAsked("Stopped by somebody")


def fail_first_scheduled() -> None:
    """A scheduled job takes no arguments."""
    fail_at_first("scheduled")


def fail_while_down(name: str) -> int:
    """Every job fails while the other side is down."""
    number = attempt(name)
    if frappe.cache.get_value(f"{MARK}down"):
        raise ConnectionError("the other side is down")
    return number


def down(is_down: bool) -> None:
    if is_down:
        frappe.cache.set_value(f"{MARK}down", 1, expires_in_sec=600)
    else:
        frappe.cache.delete_value(f"{MARK}down")


def forget(name: str) -> None:
    frappe.cache.delete(f"{MARK}{name}")

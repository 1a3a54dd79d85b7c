"""Jobs for test_log.py."""
# ruff: noqa: T201

import time
import warnings

import frappe


def speak(fails: bool = False) -> None:
    print("printed, password=hunter2")
    logger = frappe.logger("job_console_test")
    logger.error("logged by %s", frappe.session.user)
    with warnings.catch_warnings():
        warnings.simplefilter("always")  # Frappe's command line ignores them
        warnings.warn("an old habit", stacklevel=1)
    if fails:
        frappe.throw("No stock")


def speak_and_sleep() -> None:
    print("before the end")
    time.sleep(300)

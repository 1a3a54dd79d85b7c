"""Jobs for test_watched.py."""

import time


def sleep_soundly(seconds: float = 60.0) -> None:
    time.sleep(seconds)


def sleep_in_the_database() -> None:
    """Waits for a lock of the site's own database, where it has such."""
    import frappe

    frappe.db.sql("select sleep(60)")

"""Loops in chunks whose items fail, take locks and commit."""

import time
from unittest.mock import patch

import frappe
from rq import get_current_job

import job_console
from job_console.bridge.connection import engine
from job_console.engine.progress import flags
from job_console.runtime.chunks import parts

from .chunks_testing import effect

KEY = "job-console-test-attempt"


def fail_and_lock(count: int) -> None:
    """One is done, the next one fails, the third takes a lock of its own."""
    loop = job_console.each(range(count), size=10, fail_at_end=False)
    for item in loop:
        with loop.attempt():
            if item % 3 == 2:
                with job_console.lock(f"{KEY}:{item}"):
                    effect(item)
                continue
            effect(item)
            if item % 3 == 1:
                raise ValueError("not this one")


def lock_each(count: int, size: int) -> None:
    loop = job_console.each(range(count), size=size)
    for item in loop:
        with loop.attempt(), job_console.lock(KEY):
            effect(item)


def commit_each(count: int) -> None:
    """Every fourth fails behind its commit."""
    loop = job_console.each(range(count), size=10, fail_at_end=False)
    for item in loop:
        with loop.attempt():
            effect(item)
            frappe.db.commit()
            if item % 4 == 3:
                effect(f"undone of {item}")
                raise ValueError("too late")


def others_savepoint(count: int) -> None:
    """As Frappe's `savepoint`: the loop's body comes back to one of its own."""
    for item in job_console.each(range(count), size=10):
        effect(item)
        frappe.db.savepoint("theirs")
        effect(f"undone of {item}")
        frappe.db.rollback(save_point="theirs")
        with job_console.lock(KEY):
            pass


def loops_inside(count: int, stop_at: int | None = None, **ignored) -> None:
    """Loops and words of their own within one in chunks, which somebody may ask to stop meanwhile."""
    for item in job_console.each(range(count), size=1_000, text="outside"):
        if item == stop_at:
            flags.ask(engine().redis, get_current_job().id, flags.STOP, "sam@example.com")
        for _inner in job_console.track(range(4), "inside"):
            time.sleep(0.05)
        job_console.progress(1, 2, "by hand")
        effect(item)


def nobody_wakes(count: int) -> None:
    """The last part ends without a word to the first job."""
    with patch.object(parts, "_wake"):
        for item in job_console.each(range(count), size=5, parallel=2):
            effect(item)

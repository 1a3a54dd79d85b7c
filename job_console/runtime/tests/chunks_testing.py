"""Work in chunks that the tests enqueue. What it does to an item is a row in a table of its own, so that every effect
that was committed is counted: none may be missing, none may be there twice."""

import os
import signal
import time
from collections.abc import Iterator
from unittest.mock import patch

import frappe

import job_console
from job_console.engine.progress import hand_over

TABLE = "job_console_test_effects"
BEHIND = "behind the loop"


def make_table() -> None:
    drop_table()
    frappe.db.sql_ddl(f"create table {TABLE} (item varchar(140), pid int)")


def drop_table() -> None:
    frappe.db.sql_ddl(f"drop table if exists {TABLE}")


def effect(item: object) -> None:
    frappe.db.sql(f"insert into {TABLE} (item, pid) values (%s, %s)", (str(item), os.getpid()))  # a constant


def effects() -> list[str]:
    return [item for (item,) in frappe.db.sql(f"select item from {TABLE}")]  # a constant


def numbers(count: int) -> Iterator[int]:
    yield from range(count)


def over_list(count: int, size: int = 10, pause: float = 0.0, generator: bool = False, **ignored) -> None:
    items = numbers(count) if generator else list(range(count))
    for item in job_console.each(items, size=size, text="counting"):
        effect(item)
        time.sleep(pause)
    effect(BEHIND)


def short_of_time(count: int, **ignored) -> None:
    """In each run the time is nearly over after fifty items."""
    done = 0

    def left(job: object) -> float:
        return 0.1 if done >= 50 else 1000.0

    with patch.object(hand_over, "time_left", left):
        for item in job_console.each(range(count), size=5):
            effect(item)
            done += 1
    effect(BEHIND)


def over_rows(doctype: str, filters: dict, docs: bool = False, parallel: int = 1, pause: float = 0.0) -> None:
    effect("before the loop")
    for item in job_console.each(doctype, filters, docs=docs, size=7, parallel=parallel):
        effect(item.name if docs else item)
        time.sleep(pause)
    effect(BEHIND)


def die_at(count: int, at: int, **ignored) -> None:
    """Killed at this item, in its first run."""
    for item in job_console.each(range(count), size=10, seconds=600):
        effect(item)
        time.sleep(0.05)
        if item == at and not frappe.cache.get_value(f"{TABLE}:{at}"):
            frappe.cache.set_value(f"{TABLE}:{at}", 1, expires_in_sec=60)
            os.kill(os.getpid(), signal.SIGKILL)
    effect(BEHIND)


def some_fail(count: int, good: str, fail_at_end: bool = True) -> None:
    """Every fifth fails, until the cache says that all is good; every seventh is skipped."""
    loop = job_console.each(range(count), size=10, fail_at_end=fail_at_end)
    for item in loop:
        if item % 7 == 3:
            loop.skip("on hold")
            continue
        with loop.attempt():
            effect(item)
            frappe.db.after_commit.add(lambda item=item: effect(f"after {item}"))
            if item % 5 == 0 and not frappe.cache.get_value(good):
                frappe.throw(f"no stock of {item % 10}")
    effect(BEHIND)
    return loop.report


def retried_in_place(count: int, at: int, mark: str) -> None:
    """As after a deadlock: Frappe runs the job again at once, in the same process."""
    for item in job_console.each(range(count), size=10):
        effect(item)
        if item == at and not frappe.cache.get_value(mark):
            frappe.cache.set_value(mark, 1, expires_in_sec=60)
            raise frappe.RetryBackgroundJobError
    for item in job_console.each(range(count), size=10):
        effect(f"second {item}")


def too_many_fail(count: int) -> None:
    loop = job_console.each(range(count), size=100)
    for item in loop:
        with loop.attempt():
            raise ValueError(item)


def rows_fail(doctype: str, filters: dict) -> None:
    loop = job_console.each(doctype, filters)
    for _name in loop:
        with loop.attempt():
            raise ValueError("not today")


def changing_loops(mark: str) -> None:
    """Which loops run depends on what there is to do."""
    if not frappe.cache.get_value(mark):
        for item in job_console.each(range(5)):
            effect(item)
        frappe.cache.set_value(mark, 1, expires_in_sec=60)
        raise ValueError("after the first loop")
    for item in job_console.each("DocType"):
        effect(item)


def same_name(**ignored) -> None:
    for _time in range(2):
        for item in job_console.each(range(5), name="days"):
            effect(item)


def roll_back(count: int, at: int) -> None:
    """As many batch jobs are written: what fails is caught, and undoes more than it knows."""
    for item in job_console.each(range(count), size=10):
        effect(item)
        if item == at:
            frappe.db.rollback()


def commit_itself(count: int, die: int) -> None:
    for item in job_console.each(range(count), size=100):
        effect(item)
        if item == die:
            os.kill(os.getpid(), signal.SIGKILL)
        if item % 10 == 4:
            frappe.db.commit()


def shared(count: int, parallel: int, pause: float) -> None:
    for item in job_console.each(range(count), size=10, parallel=parallel):
        effect(item)
        time.sleep(pause)
    effect(BEHIND)


def two_loops(count: int, parallel: int) -> None:
    for item in job_console.each(range(count), size=5):
        effect(f"first {item}")
    for item in job_console.each([f"second {number}" for number in range(count)], size=5, parallel=parallel):
        effect(item)
    effect(BEHIND)


def inner(**ignored) -> None:
    for _outer in job_console.each(range(3)):
        for _inner in job_console.each(range(3)):
            pass

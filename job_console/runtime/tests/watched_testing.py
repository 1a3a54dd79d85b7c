"""Jobs for test_watched.py. What they tell goes to Redis, at `job_console_test:JOB`."""

import time

import frappe
from rq import get_current_job


def sleep_soundly(seconds: float = 60.0) -> None:
    time.sleep(seconds)


def sleep_in_the_database() -> None:
    frappe.db.sql("select pg_sleep(60)" if frappe.db.db_type == "postgres" else "select sleep(60)")


def write_row(name: str) -> None:
    frappe.db.set_value("ToDo", name, "description", "by the job", update_modified=False)


def write_and_sleep() -> None:
    frappe.db.commit()  # on SQLite, Frappe begins no transaction with the connection
    frappe.db.set_single_value("Job Console Settings", "secret_names", "half")
    job = get_current_job()
    job.connection.set(f"job_console_test:{job.id}", "written", ex=300)
    time.sleep(300)


def commit_all_the_time() -> None:
    job = get_current_job()
    key = f"job_console_test:{job.id}"
    while True:
        frappe.db.before_commit.add(lambda: job.connection.hincrby(key, "before", 1))
        frappe.db.after_commit.add(lambda: job.connection.hincrby(key, "after", 1))
        frappe.db.commit()
        sum(range(20_000))

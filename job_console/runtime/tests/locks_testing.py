"""Jobs that the tests of locks enqueue: they stall, and say what became of them."""

import os
import signal

import frappe

import job_console
from job_console.bridge.connection import engine
from job_console.engine.redis import keys

KEY = "job-console-test:counter"
PID = keys.own("test", "pid")


def write(value: str) -> None:
    frappe.db.set_single_value("Job Console Settings", "secret_names", value)


def read() -> str:
    return frappe.db.get_single_value("Job Console Settings", "secret_names", cache=False) or ""


def stall_and_write(value: str, ttl: float = 1.0) -> None:
    """Takes the lock, stands still beyond its lease (as when swapped out, or on a paused machine), and then writes."""
    with job_console.lock(KEY, ttl=ttl, wait=5):
        engine().redis.set(PID, os.getpid(), ex=120)
        os.kill(os.getpid(), signal.SIGSTOP)
        write(value)


def append(value: str) -> None:
    """Reads and writes what it read with `value` behind it: two at once would lose one."""
    with job_console.lock(KEY, ttl=30, wait=30):
        write(read() + value)

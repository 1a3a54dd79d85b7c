"""What the tests of `job_console.enqueue` enqueue, and a process that does it as fast as it can."""

import time

import frappe

import job_console
from job_console.bridge.connection import engine
from job_console.engine.redis import keys

READY, GO = keys.own("test", "ready"), keys.own("test", "go")
MINE = "job_console.runtime.tests.enqueue_testing.mine"


def mine(key=None, site=None, user=None, policy=None, handle=None, request=None, call=None, arguments=None) -> str:
    """Takes arguments of all names that `enqueue` has inside."""
    return f"{key} {site} {user} {policy} {handle} {request} {call} {arguments}"


def race(name: str, keys_wanted: int) -> None:
    """Enqueue `mine` under each key once, at the moment at which the others begin too."""
    frappe.local.conf.max_queued_jobs = 10 * keys_wanted
    redis = engine().redis
    redis.sadd(READY, name)
    while not redis.exists(GO):
        time.sleep(0.001)
    for number in range(keys_wanted):
        job_console.enqueue(MINE, key=f"race-{number}")

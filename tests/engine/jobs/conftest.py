"""Jobs in each state, and a server that is full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.service import Console

from ...support.processes import Workers
from .acting import act

FULL = {"maxmemory-policy": "noeviction", "maxmemory": "1"}


@pytest.fixture
def full(redis: Any) -> Iterator[Any]:
    """Call it, and Redis takes nothing more."""
    try:
        yield lambda: [redis.config_set(name, value) for name, value in FULL.items()]
    finally:
        redis.config_set("maxmemory", "0")


@pytest.fixture
def in_state(
    queue: Queue, enqueue: Callable[..., Job], workers: Workers, console: Console, wait_until: Callable[..., Any]
) -> Callable[[str], str]:
    """Brings a job into a state by RQ's own ways; its id."""

    def make(state: str) -> str:
        if state == "scheduled":
            return queue.enqueue_in(timedelta(hours=1), "tests.jobs.say_hello").id
        if state == "deferred":
            first = enqueue("say_hello")
            return queue.enqueue("tests.jobs.say_hello", depends_on=first).id
        method = {"failed": "fail", "started": "hang", "stopped": "hang"}.get(state, "say_hello")
        job = enqueue(method)
        if state == "canceled":
            job.cancel()
        elif state != "queued":
            workers.start(queue.name)
            reached = "started" if state == "stopped" else state
            wait_until(lambda: job.get_status() == reached, message=f"the job is {reached}")
        if state == "stopped":
            act(console, "stop", job.id)
        return job.id

    return make

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine import keys, limits

JOBS = "tests.engine.stacks.gallery."


def readers(redis: Any) -> list[int]:
    """Processes that read for this server."""
    values = [redis.get(key) for key in redis.scan_iter(keys.stack_reader("*"))]
    return [int(value.split()[0]) for value in values if value and value != b"starting"]


@pytest.fixture
def reading(redis: Any, wait_until: Callable[..., object]) -> Iterator[None]:
    """Jobs start a reader; it is ended after the test."""
    yield
    key_is_there = list(redis.scan_iter(keys.stack_reader("*")))
    if key_is_there:
        wait_until(lambda: readers(redis), message="the reader has begun")
    for pid in readers(redis):
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # of a host of its own, which is gone
            if "stacks.reader" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def run(redis: Any, workers: Any, reading: None, wait_until: Callable[..., object]) -> Callable[..., Job]:
    """run("sleep", 7, fork=False): a job of the gallery on a worker of its own, when it has armed itself."""

    def one(name: str, *arguments: Any, fork: bool = True) -> Job:
        job = Queue("default", connection=redis).enqueue(JOBS + name, *arguments, job_timeout=600)
        workers.start("default", fork=fork)
        wait_until(lambda: redis.hexists(keys.ARMED, job.id), message=f"{name} is armed")
        return job

    return one


@pytest.fixture
def eager_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STACK_ANSWER_S", 20.0)

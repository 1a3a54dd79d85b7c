from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.redis import keys
from job_console.engine.stacks import limits as stacks_limits

JOBS = "tests.engine.stacks.gallery."


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
    monkeypatch.setattr(stacks_limits, "STACK_ANSWER_S", 20.0)

"""An engine on the tests' own server, and jobs as RQ writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis as redis_py
from rq import Queue
from rq.job import Job

from job_console.engine.service import Console, Engine, Viewer

from ..jobs import WRAPPER, wrapped


@pytest.fixture
def engine(redis: redis_py.Redis) -> Engine:
    return Engine(redis)


@pytest.fixture
def console(engine: Engine) -> Console:
    """An operator's."""
    return engine.console(Viewer("operator@test", may_act=True))


@pytest.fixture
def queue(redis: redis_py.Redis) -> Queue:
    return Queue("bench:short", connection=redis)


@pytest.fixture
def enqueue(queue: Queue) -> Callable[..., Job]:
    """enqueue("say_hello", name="x", site="a.localhost"): a job of tests.jobs, wrapped as Frappe's are."""

    def one(method: str, site: str = "a.localhost", job_id: str | None = None, **kwargs: Any) -> Job:
        call = wrapped(f"tests.jobs.{method}", site=site, **kwargs)
        return queue.enqueue_call(WRAPPER, kwargs=call, timeout=60, result_ttl=600, job_id=job_id)

    return one

"""Workers that are killed on their host, a look from another one, and what a one-shot caller is told of a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from rq.job import Job

from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine
from job_console.engine.stacks import arming, process

from ...support.processes import Workers
from ..bench import SHORT, enqueue

Wait = Callable[..., object]


@pytest.fixture
def no_reader(redis: Redis) -> None:
    """Jobs start none: who looks is at the same place, or a test's own reader is."""
    redis.set(keys.stack_reader(arming.host()), "1 busy", ex=300)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on this process is on another host than the workers."""
    return lambda: monkeypatch.setattr(arming, "host", lambda: "other:boot:1:0")


@pytest.fixture
def running(redis: Redis, workers: Workers, wait_until: Wait) -> Callable[..., tuple[Job, Any]]:
    """A job that lets itself be seen, and the worker that runs it."""

    def run(name: str = "w1", fork: bool = True, **options: Any) -> tuple[Job, Any]:
        job = enqueue(redis, "tests.jobs.hang_seen", **options)
        worker = workers.start(SHORT, name=name, fork=fork)
        wait_until(lambda: redis.hexists(keys.ARMED, job.id), timeout=15, message="it runs")
        return job, worker

    return run


def gone(pid: int) -> Callable[[], bool]:
    return lambda: not process.lives(pid)


@pytest.fixture
def kill_both(workers: Workers, wait_until: Wait) -> Callable[[Any], None]:
    """SIGKILL to a worker and its horse, as the kernel does when memory ends."""

    def do(worker: Any) -> None:
        horses = workers.horses(worker)
        workers.kill(worker)
        for pid in horses:
            wait_until(gone(pid))

    return do


@pytest.fixture
def warnings(engine: Engine, console: Console, quick_proof: None) -> Callable[[], list[dict[str, Any]]]:
    """What a one-shot caller is told."""

    def look() -> list[dict[str, Any]]:
        engine.watch.forget()
        return list(console.warnings.all(prove=True)["warnings"])

    return look


@pytest.fixture
def only(warnings: Callable[[], list[dict[str, Any]]]) -> Callable[[str], dict[str, Any]]:
    """The one warning there is, which must have this code."""

    def look(code: str) -> dict[str, Any]:
        found = warnings()
        assert [warning["code"] for warning in found] == [code]
        return found[0]

    return look

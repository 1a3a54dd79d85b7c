"""Workers without our hooks, on a host where no job starts a reader: whoever watches there looks after them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from job_console.engine.host import presence
from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import arming, liveness

from ...support.processes import ROOT, Workers, kill
from ..bench import SHORT, enqueue, status

Wait = Callable[..., object]


@pytest.fixture
def watcher(server: Any, redis: Redis) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """`job-console watch`, as one starts it beside the workers."""
    started = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "job_console.console.cli", "--redis", server.url, "watch", "--json"]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        kill(process.pid)
        process.wait()


@pytest.mark.parametrize("fork", [True, False])
def test_one_that_is_killed_is_told_from_any_host(
    fork: bool,
    redis: Redis,
    console: Console,
    workers: Workers,
    watcher: Callable[[], object],
    wait_until: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(liveness, "is_here", lambda _host: False)
    watcher()
    job = enqueue(redis, "tests.jobs.hang", timeout=3_600)
    worker = workers.start(SHORT, name="w1", fork=fork)
    wait_until(lambda: status(redis, job.id) == "started" and redis.exists(keys.process("w1")), 30)
    workers.kill(worker)

    def lost() -> list[Any]:
        console.engine.watch.forget()
        return [each["job_id"] for each in console.warnings.all()["warnings"] if each["code"] == "worker_lost"]

    wait_until(lambda: lost() == [job.id], 30)
    assert redis.ttl(keys.worker("w1")) > 40, "long before its record expires"
    assert not redis.exists(keys.stack_reader(arming.host()))


def test_it_leaves_that_to_the_reader_of_its_host(redis: Redis, workers: Workers) -> None:
    workers.start(SHORT, name="w1")
    seen = presence.Presence(redis)
    redis.set(keys.stack_reader(arming.host()), "1 busy", ex=300)
    presence._see(seen)
    assert not redis.exists(keys.process("w1"))
    redis.delete(keys.stack_reader(arming.host()))
    presence._see(seen)
    assert redis.exists(keys.process("w1"))


def test_a_redis_that_is_away_does_not_end_it(own_server: Any) -> None:
    client = Redis.from_url(own_server.url)
    kill(own_server.pid)
    presence._see(presence.Presence(client))

"""Where the few lines run that a worker obeys by: RQ's own command, a worker that does not fork, and a newer RQ."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, Worker
from rq.exceptions import DequeueTimeout

from job_console.console.embedded import Embedded
from job_console.engine.operate import obey
from job_console.engine.redis import keys
from tests.support.processes import ROOT
from tests.support.waiting import wait_until

from ..bench import SHORT
from . import work
from .work import enqueue, ran, waiting

SETTINGS = "job_console.engine.operate.rq_settings"


@pytest.fixture
def command(server: Embedded, redis: Redis) -> Iterator[subprocess.Popen[bytes]]:
    rq = Path(sys.executable).with_name("rq")
    words = [rq, "worker", "--url", server.url, "-c", SETTINGS, "--name", "by-command", SHORT]
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.wait()


def test_rqs_own_command_obeys_with_our_settings(redis: Redis, command: Any, operate: Any) -> None:
    wait_until(lambda: redis.zscore(keys.OBEDIENT, "by-command"), message="it obeys")
    assert operate("pause_queue", SHORT, 600)["ok"]
    enqueue(redis, 1)
    wait_until(lambda: waiting(redis) == ["1"], message="it leaves it alone")
    operate("resume_queue", SHORT)
    wait_until(lambda: ran(redis) == ["1"], message="it runs")


def test_a_worker_that_does_not_fork_obeys_from_its_first_job_on(redis: Redis, workers: Any, operate: Any) -> None:
    process = workers.start(SHORT, fork=False)
    assert not operate("pause_queue", SHORT, 600)["ok"]
    Queue(SHORT, connection=redis).enqueue_call(f"{work.__name__}.learn_to_obey")
    wait_until(lambda: redis.zscore(keys.OBEDIENT, process.worker_name), message="it obeys")
    assert operate("pause_queue", SHORT, 600)["ok"]
    enqueue(redis, 1)
    wait_until(lambda: waiting(redis) == ["1"], message="it leaves it alone")


@pytest.fixture
def rq_as_it_is() -> Iterator[None]:
    homes = [each for each in (Queue, *Worker.__mro__) if {"dequeue_any", obey._WAITS} & vars(each).keys()]
    kept = [
        (home, name, vars(home)[name]) for home in homes for name in ("dequeue_any", obey._WAITS) if name in vars(home)
    ]
    yield
    for home, name, value in kept:
        setattr(home, name, value)


def test_it_is_installed_once(rq_as_it_is: None) -> None:
    assert obey.install()
    once = vars(Queue)["dequeue_any"]
    assert obey.install()
    assert vars(Queue)["dequeue_any"] is once


def test_an_rq_that_takes_jobs_in_another_way_is_left_as_it_is(
    rq_as_it_is: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Queue, "dequeue_any", staticmethod(lambda queues: None))
    assert not obey.install()
    assert "obey no pause" in caplog.text


class StopRequested(Exception):
    """RQ's own is elsewhere in each of its versions."""


class StopsIn:
    """A connection in the midst of whose script RQ's handler of SIGTERM raises."""

    def __init__(self, redis: Redis, words: str) -> None:
        self._redis, self._words = redis, words

    def __getattr__(self, name: str) -> Any:
        return getattr(self._redis, name)

    def eval(self, lua: str, count: int, *values: Any) -> Any:
        if self._words in lua and values[-1] != 1:
            raise StopRequested
        return self._redis.eval(lua, count, *values)


@pytest.mark.parametrize(
    "words", ["Which of its queues", "Gives a job back"], ids=["asks whether it may", "has taken a job"]
)
def test_a_worker_that_is_asked_to_stop_stops_and_loses_nothing(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    enqueue(redis, 1)
    monkeypatch.setattr(obey, "_here", obey._Here("w1"))
    dequeue_any = obey._obeying(vars(Queue)["dequeue_any"].__func__, DequeueTimeout)
    with pytest.raises(StopRequested):
        dequeue_any(Queue, [Queue(SHORT, connection=redis)], None, StopsIn(redis, words))
    assert waiting(redis) == ["1"]

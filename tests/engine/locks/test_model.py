"""The model of a lock (machine.py) and the real one go through the same random histories; threads lose nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from job_console.console.embedded import Embedded
from job_console.engine.locks.heartbeat import HEARTBEAT
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from tests.support.sizes import sized

from .machine import NAME, Machine


def test_a_lock_keeps_its_promises_in_every_history(server: Embedded, redis: Any) -> None:
    class Here(Machine):
        url = server.url

    case: Any = Here.TestCase
    case.settings = settings(
        max_examples=sized(20, 60), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
    case().runTest()


@pytest.mark.parametrize("contenders", [8])
def test_threads_that_count_lose_nothing(redis: Any, contenders: int) -> None:
    """The whole way, with waiting and waking: read, add one, write."""
    redis.set("counter", 0)

    def work(number: int) -> None:
        for round_ in range(15):
            with Lock(redis, NAME, LockOptions(owner=f"{number} {round_}", wait_s=30)):
                redis.set("counter", int(redis.get("counter")) + 1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(contenders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    HEARTBEAT.stop()
    assert int(redis.get("counter")) == contenders * 15

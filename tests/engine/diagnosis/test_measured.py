"""What the reader of a host measures of its workers: real processes, and what /proc says of them."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from rq.version import VERSION

from job_console.engine.host.reader import Reader
from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import limits as stacks_limits
from job_console.engine.stacks import process

from ...support.processes import Workers
from ..bench import SHORT
from .test_killed import snapshot

pytestmark = pytest.mark.usefixtures("no_reader")


def only_worker(console: Console) -> dict[str, Any]:
    (found,) = snapshot(console)["workers"]
    return dict(found)


def near(pid: int) -> Any:
    return pytest.approx(process.memory(pid), rel=0.2)


@pytest.mark.parametrize("fork", [True, False])
def test_of_one_that_runs_a_job(redis: Redis, console: Console, workers: Workers, running: Any, fork: bool) -> None:
    _job, worker = running(fork=fork)
    Reader(redis).see_who_is_there()
    found = only_worker(console)
    assert found["rss_bytes"] == near(worker.pid)
    horses = workers.horses(worker)
    assert len(horses) == fork
    assert found["horse_rss_bytes"] == (near(horses[0]) if fork else None)
    assert 0 < found["round_trip_s"] < 1
    assert (found["rq_version"], found["python_version"]) == (VERSION, platform.python_version())
    assert 0 < redis.ttl(keys.measured("w1")) <= stacks_limits.MEASURED_TTL_S


def test_of_an_idle_one(redis: Redis, console: Console, workers: Workers, wait_until: Callable[..., object]) -> None:
    worker = workers.start(SHORT, name="w1")
    assert (only_worker(console)["rss_bytes"], only_worker(console)["round_trip_s"]) == (None, None), "nobody looked"
    reader = Reader(redis)
    reader.see_who_is_there()  # recognises it, and the next one measures
    wait_until(lambda: (reader.see_who_is_there(), redis.exists(keys.measured("w1")))[1], timeout=15)
    found = only_worker(console)
    assert (found["rss_bytes"], found["horse_rss_bytes"]) == (near(worker.pid), None)


def test_what_is_not_ours_is_not_shown(redis: Redis, console: Console, workers: Workers) -> None:
    workers.start(SHORT, name="w1")
    for text in ("", "7", "{}", '{"worker": null, "horse": null, "round_trip": 1}'):
        redis.set(keys.measured("w1"), text)
        assert only_worker(console)["rss_bytes"] is None

"""One look serves all viewers of a process, and so does one failure; it recovers by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from job_console.console.embedded import Embedded, embedded_server, free_port
from job_console.engine.errors import RedisUnavailable
from job_console.engine.redis.link import connect
from job_console.engine.service import Engine
from job_console.engine.watch import limits as watch_limits
from job_console.engine.watch.watch import Watch
from tests.support.processes import kill

from .. import bench


def together(count: int, do: Callable[[], Any]) -> list[Any]:
    """What came of `count` threads that begin at the same moment."""
    begin, came = threading.Barrier(count), []

    def run() -> None:
        begin.wait()
        try:
            came.append(do())
        except RedisUnavailable as failure:
            came.append(failure)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_hundred_threads_take_one_look(redis: Any, engine: Engine, clock: Clock, round_trips: Any) -> None:
    bench.fill(redis, 10)
    watch = Watch(redis, engine.reader, clock=clock)
    with round_trips() as alone:
        watch.look()
    clock.now += watch_limits.SNAPSHOT_TTL_S
    with round_trips() as counted:
        looks = together(100, watch.look)
    assert len({id(look) for look in looks}) == 1
    assert 0 < len(counted) <= len(alone)
    with round_trips() as counted:
        together(100, watch.look)
    assert len(counted) == 0
    clock.now += watch_limits.SNAPSHOT_TTL_S
    assert watch.look() is not looks[0]


def test_forgetting_makes_the_next_look_new(redis: Any, engine: Engine, clock: Clock) -> None:
    watch = Watch(redis, engine.reader, clock=clock)
    first = watch.look()
    assert watch.look() is first
    watch.forget()
    assert watch.look() is not first


@pytest.mark.parametrize("looked_before", [False, True])
def test_a_failure_is_shared(looked_before: bool, own_server: Embedded, clock: Clock, monkeypatch: Any) -> None:
    """A hundred viewers do not each wait for the same dead server."""
    redis = connect(own_server.url)
    watch = Watch(redis, Engine(redis).reader, clock=clock)
    if looked_before:
        watch.look()
        clock.now += watch_limits.SNAPSHOT_TTL_S
    kill(own_server.pid)
    tries = []
    monkeypatch.setattr("job_console.engine.look.snapshot.take", _counting(tries, monkeypatch))
    came = together(100, watch.look)
    assert {type(each) for each in came} == {RedisUnavailable}
    assert len(tries) == 1


def _counting(tries: list[int], monkeypatch: Any) -> Callable[..., Any]:
    from job_console.engine.look import snapshot

    take = snapshot.take

    def counted(*args: Any) -> Any:
        tries.append(1)
        return take(*args)

    return counted


def test_it_recovers_when_redis_does(clock: Clock) -> None:
    port = free_port()
    redis = connect(f"redis://127.0.0.1:{port}")
    watch = Watch(redis, Engine(redis).reader, clock=clock)
    with pytest.raises(RedisUnavailable):
        watch.look()
    for _ in range(2):
        with embedded_server(port=port):
            clock.now += watch_limits.SNAPSHOT_TTL_S
            assert watch.look().bench.lanes == ()
        clock.now += watch_limits.SNAPSHOT_TTL_S
        with pytest.raises(RedisUnavailable):
            watch.look()
        with pytest.raises(RedisUnavailable):
            watch.look(since=datetime.now(timezone.utc))
    redis.close()

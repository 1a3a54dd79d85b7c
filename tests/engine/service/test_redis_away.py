"""A Redis that is down, frozen or locked: said soon and plainly, and without its password."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Any

import pytest

from job_console.engine.errors import BadRequest, RedisUnavailable
from job_console.engine.redis.link import connect
from job_console.engine.service import Engine, Viewer

from ...support.processes import kill
from ...support.waiting import wait_until


def test_redis_down_at_the_start_and_in_the_middle(own_server: Any) -> None:
    dead = Engine(connect("redis://127.0.0.1:1")).console(Viewer("operator@test"))
    with pytest.raises(RedisUnavailable, match="cannot be reached"):
        dead.snapshot()
    engine = Engine(connect(own_server.url))
    console = engine.console(Viewer("operator@test", may_act=True))
    console.snapshot()
    kill(own_server.pid)
    engine.watch.forget()
    for call in (
        console.snapshot,
        console.jobs.page,
        console.actions.audit,
        lambda: console.jobs.show("x"),
        lambda: console.actions.run("resume"),
    ):
        with pytest.raises(RedisUnavailable):
            call()


def test_a_password_is_asked_for_and_never_shown(locked_server: Any) -> None:
    with_password = connect(f"redis://:{locked_server.password}@127.0.0.1:{locked_server.port}")
    assert Engine(with_password).console(Viewer("operator@test")).snapshot()["queues"] == []
    for url in (f"redis://127.0.0.1:{locked_server.port}", f"redis://:not-{locked_server.password}@127.0.0.1:1"):
        with pytest.raises(RedisUnavailable) as caught:
            Engine(connect(url)).console(Viewer("operator@test")).snapshot()
        assert locked_server.password not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:se@same-0815@127.0.0.1:6379",
        "redis://:se/same-0815@127.0.0.1:6379",
        "redis://user:sesame-0815@127.0.0.1:port",
        "http://:sesame-0815@127.0.0.1",
    ],
)
def test_a_password_in_a_bad_url_is_not_repeated(url: str) -> None:
    with pytest.raises((BadRequest, RedisUnavailable)) as caught:
        Engine(connect(url, socket_connect_timeout=0.2)).console(Viewer("operator@test")).snapshot()
    assert "0815" not in str(caught.value)
    assert "same" not in str(caught.value)


def test_a_frozen_redis_is_reported_soon_and_recovers(own_server: Any) -> None:
    engine = Engine(connect(own_server.url))
    console = engine.console(Viewer("operator@test"))
    console.snapshot()
    os.kill(own_server.pid, signal.SIGSTOP)
    engine.redis.connection_pool.disconnect()
    engine.redis.connection_pool.connection_kwargs["socket_timeout"] = 0.5
    try:
        engine.watch.forget()
        started = time.monotonic()
        with pytest.raises(RedisUnavailable, match="does not answer"):
            console.snapshot()
        assert time.monotonic() - started < 20, "one time-out, not one after the other"
    finally:
        os.kill(own_server.pid, signal.SIGCONT)

    def sees() -> bool:
        engine.watch.forget()
        with contextlib.suppress(RedisUnavailable):
            return console.snapshot()["queues"] == []
        return False

    wait_until(sees)

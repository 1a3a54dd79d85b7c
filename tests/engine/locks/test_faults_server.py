"""Locks when servers and networks fail. What docs/locks.md promises for each of these is what happens here."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

from job_console.console.embedded import Embedded, embedded_server, find_binary, free_port
from job_console.engine.errors import LockLost, RedisUnavailable
from job_console.engine.redis import keys

from ...support.cut_network import wire
from ...support.locks import held
from ...support.waiting import wait_until
from .process import NAME, Process, taking


def test_flushed_the_holder_learns_of_it_and_tokens_still_grow(redis: Any, process: Callable[..., Process]) -> None:
    holder = process(ttl=60)
    first = holder.token()
    redis.flushall()
    with taking(redis) as lock:
        assert lock.token > first
        assert holder.end() == "lost"


def test_flushed_those_who_wait_come_again(redis: Any, process: Callable[..., Process]) -> None:
    with contextlib.suppress(LockLost), taking(redis):
        waiter = process(ttl=60, wait=60)
        wait_until(lambda: redis.zcard(keys.lock_line(NAME)) == 1)
        redis.flushall()
        waiter.token()


@contextlib.contextmanager
def client(port: int) -> Iterator[redis_py.Redis]:
    with contextlib.closing(redis_py.Redis(port=port, socket_timeout=5)) as connection:
        yield connection
        connection.connection_pool.disconnect()


def test_a_server_that_comes_back_without_its_memory(process: Callable[..., Process]) -> None:
    """The holder notices at its next proof; a waiter stands in line again, by itself."""
    port = free_port()
    with client(port) as redis:
        with embedded_server(port=port) as server:
            holder = process(ttl=3.0, url=server.url)
            first = holder.token()
            waiter = process(ttl=60, wait=30, url=server.url)
            while redis.zcard(keys.lock_line(NAME)) == 0:
                time.sleep(0.02)
        time.sleep(0.5)
        with embedded_server(port=port):
            assert waiter.token() > first
            assert holder.end() == "lost"
            assert waiter.end() == "kept"


@contextlib.contextmanager
def remembering_server(folder: Path, port: int) -> Iterator[None]:
    """One that begins with what was saved in `folder`, and is killed at the end."""
    command = [find_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with client(port) as redis, subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: answers(redis), message="the server answers")
            yield
        finally:
            server.kill()


def answers(redis: redis_py.Redis) -> bool:
    with contextlib.suppress(redis_py.ConnectionError):
        return bool(redis.ping())
    return False


def test_a_server_that_comes_back_with_its_memory(process: Callable[..., Process], tmp_path: Path) -> None:
    """The lease goes on, and who waits is still in line."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}"
    with client(port) as redis:
        with remembering_server(tmp_path, port):
            holder = process(ttl=9.0, url=url)
            first = holder.token()
            waiter = process(ttl=60, wait=60, url=url)
            wait_until(lambda: redis.zcard(keys.lock_line(NAME)) == 1)
            redis.save()
        with remembering_server(tmp_path, port):
            before = held(redis, NAME)
            assert len(before) == 1
            wait_until(lambda: held(redis, NAME) != before, 30, "the holder renews its lease")
            assert holder.end() == "kept"
            assert waiter.token() > first


def test_a_network_that_is_cut_and_mended_brings_nothing_back(
    server: Embedded, redis: Any, process: Callable[..., Process]
) -> None:
    """What the holder sent before its lease ended, and what arrives after another has the lock, is refused."""
    with wire(server.port) as network:
        holder = process(ttl=1.5, url=network.url)
        first = holder.token()
        network.cut()
        with taking(redis, wait=20) as lock:
            assert lock.token > first
            network.mend()
            assert holder.end() == "lost"
            lock.check()


def test_no_server_no_lock(redis: Any) -> None:
    with client(free_port()) as nowhere, pytest.raises(RedisUnavailable):
        taking(nowhere, wait=5).acquire()


def test_cut_off_from_the_server_the_holder_stops_trusting_its_lock(own_server: Embedded) -> None:
    with client(own_server.port) as redis:
        lock = taking(redis, ttl=1.0)
        lock.acquire()
        redis.connection_pool.disconnect()
        redis.connection_pool.connection_kwargs["socket_timeout"] = 0.3
        os.kill(own_server.pid, signal.SIGSTOP)
        try:
            time.sleep(1.5)
            assert not lock.held
            with pytest.raises((RedisUnavailable, LockLost)):
                lock.check()
        finally:
            os.kill(own_server.pid, signal.SIGCONT)
        with pytest.raises(LockLost):
            lock.release()

"""Locks when processes and servers fail. What docs/locks.md promises for each of these is what happens here."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

from job_console.console.embedded import Embedded, embedded_server, find_binary, free_port
from job_console.engine.errors import LockLost, LockTimeout, RedisUnavailable
from job_console.engine.locks import limits as locks_limits
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.terms import Terms
from job_console.engine.redis import keys

from ...support.locks import has_waited, held, jump, let_end
from ...support.waiting import wait_until
from ...support.wire import wire
from ...support.worker import VARIABLE

ROOT = Path(__file__).resolve().parents[3]
NAME = "a.localhost|faults"
HOUR = 3600.0


class Process:
    """Another process that holds the lock, or waits for it."""

    def __init__(self, url: str, ttl: float, wait: float = 0.0) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.support.locker", NAME, str(ttl), str(wait)],
            cwd=ROOT,
            env={**os.environ, VARIABLE: url, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self.popen.pid

    def token(self) -> int:
        """Waits until it has the lock."""
        word, _, token = self._line().partition(" ")
        assert word == "token", word
        return int(token)

    def end(self) -> str:
        """Let it leave its block; what became of its lock."""
        assert self.popen.stdin is not None
        self.popen.stdin.write("\n")
        self.popen.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self.popen.stdout is not None
        return self.popen.stdout.readline().strip()

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.popen.kill()
        self.popen.communicate()


@pytest.fixture
def process(server: Embedded, redis: Any) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(ttl: float, wait: float = 0.0, url: str = server.url) -> Process:
        started.append(Process(url, ttl, wait))
        return started[-1]

    yield start
    for each in started:
        each.close()


def taking(redis: Any, wait: float = 0.0, ttl: float = 60.0) -> Lock:
    return Lock(redis, NAME, Terms(ttl_s=ttl, wait_s=wait))


def test_killed_the_lease_ends_and_the_next_has_it(redis: Any, process: Callable[..., Process]) -> None:
    """Until then it has it for longer than one lease."""
    holder = process(ttl=9.0)
    first = holder.token()
    ((lease, ends),) = held(redis, NAME).items()
    wait_until(lambda: held(redis, NAME)[lease] > ends, message="it is renewed")
    with pytest.raises(LockTimeout) as caught:
        taking(redis).acquire()
    assert caught.value.holders[0].who.pid == holder.pid
    os.kill(holder.pid, signal.SIGKILL)
    assert held(redis, NAME)[lease] < time.time() + 9.1
    let_end(redis, NAME, lease, left=1)
    with taking(redis, wait=30) as lock:
        assert lock.token > first


def test_a_killed_waiter_holds_up_nobody_for_long(redis: Any, process: Callable[..., Process]) -> None:
    holder = taking(redis)
    holder.acquire()
    waiter = process(ttl=60, wait=60)
    wait_until(lambda: redis.zcard(keys.lock_line(NAME)) == 1)
    (lease,) = redis.zrange(keys.lock_line(NAME), 0, -1)
    os.kill(waiter.pid, signal.SIGKILL)
    has_waited(redis, NAME, lease.decode(), came=1.5)
    holder.release()
    assert held(redis, NAME)[lease.decode()] < time.time() + locks_limits.LOCK_HANDOVER_S + 0.1
    taking(redis, wait=30).acquire()


def test_stopped_beyond_its_lease_another_works_and_the_fence_refuses(
    redis: Any, process: Callable[..., Process]
) -> None:
    """The resource remembers the highest token it has seen, as docs/locks.md says."""
    highest = 0

    def write(token: int) -> bool:
        nonlocal highest
        accepted = token >= highest
        highest = max(highest, token)
        return accepted

    sleeper = process(ttl=0.5)
    old = sleeper.token()
    assert write(old)
    os.kill(sleeper.pid, signal.SIGSTOP)
    with taking(redis, wait=10) as successor:
        assert write(successor.token)
        os.kill(sleeper.pid, signal.SIGCONT)
        assert sleeper.end() == "lost"
        assert not write(old)
        successor.check()


def test_a_waiter_stopped_while_its_turn_came_and_went_waits_for_the_next(
    redis: Any, process: Callable[..., Process]
) -> None:
    first = taking(redis)
    first.acquire()
    sleeper = process(ttl=60, wait=60)
    wait_until(lambda: redis.zcard(keys.lock_line(NAME)) == 1)
    (lease,) = redis.zrange(keys.lock_line(NAME), 0, -1)
    wait_until(lambda: redis.info("clients")["blocked_clients"] == 1)
    os.kill(sleeper.pid, signal.SIGSTOP)
    (asleep,) = (each["id"] for each in redis.client_list() if each["cmd"] == "blpop" and "b" in each["flags"])
    redis.client_unblock(asleep)  # as when its nap is over
    has_waited(redis, NAME, lease.decode(), heard=-HOUR)
    first.release()
    let_end(redis, NAME, lease.decode())
    with taking(redis, wait=10) as successor:
        os.kill(sleeper.pid, signal.SIGCONT)
        wait_until(lambda: redis.zcard(keys.lock_line(NAME)) == 1)
        successor.check()
        token = successor.token
    assert sleeper.token() > token
    assert sleeper.end() == "kept"


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


def stands_in_line(redis: Any) -> bool:
    return bool(redis.zcard(f"{keys.LOCK_LINE_PREFIX}{NAME}"))


def test_forwards_leases_end_early_and_their_holders_are_refused(redis: Any, process: Callable[..., Process]) -> None:
    first = process(ttl=60)
    before = first.token()
    second = process(ttl=60, wait=60)
    wait_until(lambda: stands_in_line(redis))
    jump(redis, NAME, 120)
    assert second.token() > before - 120e6
    assert first.end() == "lost"
    assert second.end() == "kept"


def test_backwards_leases_last_longer_and_tokens_grow(redis: Any, process: Callable[..., Process]) -> None:
    first = process(ttl=60)
    before = first.token()
    jump(redis, NAME, -HOUR)
    second = process(ttl=60, wait=60)
    wait_until(lambda: stands_in_line(redis))
    assert first.end() == "kept"
    assert second.token() > before + HOUR * 1e6, "while the clock is an hour behind the newest one"
    assert second.end() == "kept"

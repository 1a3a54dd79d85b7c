"""Locks when processes and clocks fail. What docs/locks.md promises for each of these is what happens here."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.errors import LockTimeout
from job_console.engine.locks import limits as locks_limits
from job_console.engine.redis import keys

from ...support.locks import has_waited, held, jump, let_end
from ...support.waiting import wait_until
from .process import NAME, Process, taking

HOUR = 3600.0


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

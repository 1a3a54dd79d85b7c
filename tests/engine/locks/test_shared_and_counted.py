"""Shared and counted locks: who comes in beside whom."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.errors import LockTimeout
from job_console.engine.locks import steps
from job_console.engine.locks.lock import Lock

from ...support.locks import held
from .conftest import NAME, Together, waiting


def test_readers_share_and_a_writer_is_not_starved(
    redis: Any, lock: Callable[..., Lock], together: Together, wait_until: Any
) -> None:
    first, second = lock("r1", shared=True), lock("r2", shared=True)
    first.acquire()
    second.acquire()
    together.start(lock("writer", wait_s=10), "writer")
    wait_until(waiting(redis, 1))
    together.start(lock("r3", shared=True, wait_s=10), "r3")
    wait_until(waiting(redis, 2))
    first.release()
    assert together.got == []
    second.release()
    together.join()
    assert together.got == ["writer", "r3"]


def test_readers_that_wait_together_come_in_together(
    redis: Any, lock: Callable[..., Lock], together: Together, wait_until: Any
) -> None:
    all_inside = threading.Barrier(3)
    with lock("writer"):
        for number in range(3):
            together.start(lock(f"r{number}", shared=True, wait_s=10), f"r{number}", all_inside)
            wait_until(waiting(redis, number + 1))
    together.join()
    assert len(together.got) == 3
    assert not together.failed


def test_counted(lock: Callable[..., Lock]) -> None:
    held = [lock(f"w{number}", slots=3) for number in range(3)]
    for each in held:
        each.acquire()
    with pytest.raises(LockTimeout) as caught:
        lock("w4", slots=3).acquire()
    assert len(caught.value.holders) == 3
    held[1].release()
    with lock("w4", slots=3):
        pass
    for shape in ({}, {"shared": True}):
        with pytest.raises(LockTimeout):
            lock("exclusive", **shape).acquire()


def test_counted_by_those_who_have_it_now(redis: Any, lock: Callable[..., Lock]) -> None:
    """Who allowed few others beside it has left: those in line have what it left room for."""
    strict, lax = lock("strict", slots=2), lock("lax", slots=3)
    strict.acquire()
    lax.acquire()
    for number in range(3):
        assert isinstance(steps.acquire(redis, steps.Wanted(NAME, f"w{number}", 60, slots=3), 30), steps.Wait)
    strict.release()
    assert set(held(redis, NAME)) == {lax.lease.wanted.id, "w0", "w1"}


def test_nobody_shares_an_exclusive_lock(lock: Callable[..., Lock]) -> None:
    with lock("anna"):
        for shape in ({"shared": True}, {"slots": 5}):
            with pytest.raises(LockTimeout):
                lock("bert", **shape).acquire()

"""Who waits for a lock, in which order they come, and who is passed over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.errors import LockLost, LockTimeout
from job_console.engine.locks import limits as locks_limits
from job_console.engine.locks import steps
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.redis import keys

from ...support.locks import has_waited, held, let_end, tokens
from .conftest import NAME, Together, waiting


def test_first_come_first_served(redis: Any, lock: Callable[..., Lock], together: Together, wait_until: Any) -> None:
    with lock("anna"):
        for number in range(5):
            together.start(lock(f"waiter {number}", wait_s=10), f"waiter {number}")
            wait_until(waiting(redis, number + 1))
    together.join()
    assert together.got == [f"waiter {number}" for number in range(5)]
    assert not together.failed


def test_a_waiter_is_woken_at_once(redis: Any, lock: Callable[..., Lock], together: Together, wait_until: Any) -> None:
    """Long before it would look again by itself."""
    held = lock("anna")
    held.acquire()
    together.start(lock("bert", wait_s=60), "bert")
    wait_until(waiting(redis, 1))
    began = time.monotonic()
    held.release()
    together.join()
    assert time.monotonic() - began < locks_limits.LOCK_NAP_S - 1
    assert together.got == ["bert"]


def test_the_lock_comes_with_the_wake_up(
    redis: Any, lock: Callable[..., Lock], round_trips: Callable[[], Any], wait_until: Any
) -> None:
    """Who has waited for a moment asks once, sleeps once, and has it with all its time."""
    held, bert = lock("anna"), lock("bert", wait_s=10)
    held.acquire()
    began = time.monotonic()
    with round_trips() as counted:
        thread = threading.Thread(target=bert.acquire)
        thread.start()
        wait_until(waiting(redis, 1))
        held.release()
        thread.join(10)
    took = time.monotonic() - began
    assert bert.lease.ends_at > began + 59
    sent = [command for command in counted.sent if bert.lease.wanted.id.encode() in command]
    assert len(sent) == 2 or took > locks_limits.LOCK_TRUSTED_S
    bert.release()


def test_who_has_slept_for_long_makes_a_whole_lease_of_it(
    redis: Any, lock: Callable[..., Lock], wait_until: Any
) -> None:
    anna, bert = lock("anna"), lock("bert", wait_s=10)
    anna.acquire()
    thread = threading.Thread(target=bert.acquire)
    thread.start()
    wait_until(waiting(redis, 1))
    (lease,) = redis.zrange(keys.lock_line(NAME), 0, -1)
    has_waited(redis, NAME, lease.decode(), came=locks_limits.LOCK_TRUSTED_S + 0.1)
    anna.release()
    thread.join(10)
    assert held(redis, NAME)[lease.decode()] > time.time() + 50
    bert.release()


def test_what_was_not_heard_in_time_is_not_heard_later(redis: Any, lock: Callable[..., Lock]) -> None:
    """Its turn came while it was cut off, and went by. It stands in line again, and the old wake-up is not for it."""
    held, deaf = lock("anna"), steps.Wanted(NAME, "deaf", 60)
    held.acquire()
    assert isinstance(steps.acquire(redis, deaf, 30), steps.Wait)
    held.release()
    (old,) = tokens(redis, NAME)
    let_end(redis, NAME, "deaf")
    with lock("bert") as successor:
        assert isinstance(steps.acquire(redis, deaf, 30), steps.Wait)
        has_waited(redis, NAME, "deaf", came=-3600)  # so that its turn, when it comes, is taken for granted
        assert steps.wait_for_turn(redis, deaf, 0.01) is None
        assert successor.token > old
    assert steps.wait_for_turn(redis, deaf, 10) == tokens(redis, NAME)[0] > old


def test_who_has_it_by_a_message_that_arrived_late_proves_nothing_by_its_old_token(
    redis: Any, lock: Callable[..., Lock]
) -> None:
    late = lock("anna", ttl_s=60, renew=False)
    late.acquire()
    wanted = late.lease.wanted
    let_end(redis, NAME, wanted.id)
    assert steps.acquire(redis, wanted, 30) != late.token
    with pytest.raises(LockLost):
        late.check()
    assert not steps.release(redis, NAME, wanted.id, late.token)
    assert not held(redis, NAME)


def test_a_lease_that_ends_without_release_wakes_the_next(lock: Callable[..., Lock]) -> None:
    lock("anna", ttl_s=0.5, renew=False).acquire()
    began = time.monotonic()
    with lock("bert", wait_s=10):
        assert 0.3 < time.monotonic() - began < locks_limits.LOCK_NAP_S


def test_a_dead_waiter_is_passed_over(redis: Any, lock: Callable[..., Lock]) -> None:
    """It died a moment ago: the lock is handed to it, and comes back after the grace of a handover at most."""
    holder = lock("anna")
    holder.acquire()
    dead = steps.Wanted(NAME, "dead", 60)
    assert isinstance(steps.acquire(redis, dead, 30), steps.Wait)
    has_waited(redis, NAME, "dead", came=2)
    holder.release()
    assert held(redis, NAME)["dead"] < time.time() + locks_limits.LOCK_HANDOVER_S + 0.1
    lock("bert", wait_s=30).acquire()


def test_a_waiter_that_died_long_ago_costs_nothing(redis: Any, lock: Callable[..., Lock]) -> None:
    held = lock("anna")
    held.acquire()
    steps.acquire(redis, steps.Wanted(NAME, "dead", 60), 30)
    has_waited(redis, NAME, "dead", heard=60)
    held.release()
    with lock("bert"):
        pass


def test_giving_up_leaves_the_line(redis: Any, lock: Callable[..., Lock]) -> None:
    with lock("anna"):
        began = time.monotonic()
        with pytest.raises(LockTimeout):
            lock("bert", wait_s=0.3).acquire()
        assert 0.25 < time.monotonic() - began < 5
        assert waiting(redis, 0)()


def test_an_interrupted_waiter_leaves_the_line(
    redis: Any, lock: Callable[..., Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As RQ's timeout interrupts a job."""

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with lock("anna"):
        monkeypatch.setattr(steps, "wait_for_turn", interrupted)
        with pytest.raises(KeyboardInterrupt):
            lock("bert", wait_s=10).acquire()
        assert waiting(redis, 0)()


def test_who_would_wait_for_itself_is_refused_at_once(lock: Callable[..., Lock]) -> None:
    with lock("anna"):
        began = time.monotonic()
        with pytest.raises(LockTimeout, match="itself"):
            lock("anna", wait_s=30).acquire()
        assert time.monotonic() - began < 5
    with lock("anna", shared=True), pytest.raises(LockTimeout, match=r"itself.*take it alone"):
        lock("anna", reentrant=True, wait_s=10).acquire()


def test_who_kept_it_shared_learns_what_helps(lock: Callable[..., Lock]) -> None:
    shared = lock("anna", shared=True)
    shared.acquire()
    kept = shared.keep()
    for reentrant in (False, True):
        with pytest.raises(LockTimeout, match=r"itself.*commits") as caught:
            lock("anna", reentrant=reentrant, wait_s=30).acquire()
        assert "reentrant" not in str(caught.value)
    assert kept
    kept.finish()
    with lock("anna"):
        pass


def test_shared_again_behind_a_waiting_writer_is_reported_at_once(
    redis: Any, lock: Callable[..., Lock], together: Together, wait_until: Any
) -> None:
    """The writer waits for the caller, who would wait for the writer."""
    with lock("anna", shared=True):
        with lock("anna", shared=True):
            together.start(lock("writer", wait_s=60), "writer")
            wait_until(waiting(redis, 1))
        with pytest.raises(LockTimeout, match=r"itself.*reentrant=True"):
            lock("anna", shared=True, wait_s=3600).acquire()
        with lock("anna", shared=True, reentrant=True, wait_s=3600):
            assert waiting(redis, 1)()
    together.join()
    assert together.got == ["writer"]


def test_who_is_refused_does_not_learn_who_of_another_site_has_it(redis: Any) -> None:
    """Neither by the message nor by what a traceback with variables would show."""
    name, theirs = "*|deploy", Who(job_id="theirs", method="secret.task", user="eve@b", pid=7, host="h", site="b")
    holder = Lock(redis, name, LockOptions(owner="theirs"), theirs)
    with holder:
        for wait_s in (0, 0.1):
            with pytest.raises(LockTimeout) as caught:
                Lock(redis, name, LockOptions(owner="ours", wait_s=wait_s), Who(job_id="ours", site="a")).acquire()
            (reported,) = caught.value.holders
            assert reported.who == Who(method="another site")
            frames = [entry.frame.f_locals for entry in caught.traceback[1:]]
            said = f"{caught.value} {frames}"
            assert "another site since" in said
            assert not [secret for secret in ("theirs", "secret", "eve@b") if secret in said]
        with pytest.raises(LockTimeout, match="eve@b"):
            Lock(redis, name, LockOptions(owner="ours", wait_s=0), Who(job_id="ours", site="b")).acquire()

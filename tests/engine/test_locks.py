"""Locks on a real server: who gets one, who waits, in which order, what ends, and what each step costs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from job_console.engine import keys, limits
from job_console.engine.errors import BadRequest, LockLost, LockTimeout
from job_console.engine.locks import steps
from job_console.engine.locks.heartbeat import HEARTBEAT
from job_console.engine.locks.lease import forget_all
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.models import Who
from job_console.engine.locks.terms import Terms

from ..support.locks import has_waited, held, jump

NAME = "a.localhost|recalc:C-1"


@pytest.fixture(autouse=True)
def no_heartbeat_left() -> Iterator[None]:
    yield
    HEARTBEAT.stop()
    forget_all()


@pytest.fixture
def lock(redis: Any) -> Callable[..., Lock]:
    """lock("anna", ttl_s=…): each owner is somebody else, as if in a process of its own."""

    def one(owner: str = "anna", name: str = NAME, **terms: Any) -> Lock:
        return Lock(redis, name, Terms(owner=owner, **{"wait_s": 0.0, **terms}), Who(job_id=owner, method="tests.work"))

    return one


class Together:
    """Threads that wait for locks; what they got is noted in order."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.failed: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def start(self, lock: Lock, name: str, hold_s: float = 0.0) -> None:
        def work() -> None:
            try:
                with lock:
                    self.got.append(name)
                    time.sleep(hold_s)
            except BaseException as error:
                self.failed.append(error)

        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive()


@pytest.fixture
def together() -> Iterator[Together]:
    group = Together()
    yield group
    group.join()


def waiting(redis: Any, count: int, name: str = NAME) -> Callable[[], bool]:
    return lambda: redis.zcard(keys.lock_line(name)) == count


def test_one_at_a_time(lock: Callable[..., Lock]) -> None:
    with lock("anna") as held:
        assert held.held
        with pytest.raises(LockTimeout), lock("bert"):
            pass
    with lock("bert"):
        pass


def test_the_error_names_the_holder_and_since_when(lock: Callable[..., Lock]) -> None:
    with lock("anna"), pytest.raises(LockTimeout) as caught:
        lock("bert").acquire()
    (holder,) = caught.value.holders
    assert (holder.who.job_id, holder.who.method) == ("anna", "tests.work")
    assert abs(holder.since.timestamp() - time.time()) < 5
    assert "tests.work since 20" in str(caught.value)


def test_each_step_is_one_round_trip(lock: Callable[..., Lock], trips: Callable[[], Any]) -> None:
    with lock("anna") as held:  # the server learns the scripts
        held.check()
    held = lock("anna")
    for step in (held.acquire, held.check, held.release):
        with trips() as counted:
            step()
        assert len(counted) == 1, step


def test_tokens_grow_also_when_the_server_forgets_everything(redis: Any, lock: Callable[..., Lock]) -> None:
    tokens = []
    for round_ in range(6):
        with lock("anna") as held:
            tokens.append(held.token)
        if round_ == 3:
            redis.flushall()
    assert tokens == sorted(set(tokens))


def test_only_the_owner_releases(redis: Any, lock: Callable[..., Lock]) -> None:
    with lock("anna") as held:
        assert not steps.release(redis, NAME, "somebody-else")
        assert steps.renew(redis, [steps.Wanted(NAME, "somebody-else", 60)]) == [False]
        held.check()


def test_a_lease_that_ran_out_is_lost(lock: Callable[..., Lock]) -> None:
    late = lock("anna", ttl_s=0.1, renew=False)
    late.acquire()
    time.sleep(0.15)
    with lock("bert") as successor:
        assert not late.held
        with pytest.raises(LockLost):
            late.check()
        with pytest.raises(LockLost):
            late.release()
        successor.check()
        assert successor.token > 0


def test_the_heartbeat_keeps_a_lease_and_its_thread_ends(lock: Callable[..., Lock]) -> None:
    with lock("anna", ttl_s=0.2) as held:
        time.sleep(0.7)
        assert held.held
        with pytest.raises(LockTimeout):
            lock("bert").acquire()
        held.check()
    assert HEARTBEAT.running
    HEARTBEAT.stop()
    assert not HEARTBEAT.running
    assert not [thread for thread in threading.enumerate() if thread.name == "job_console-locks"]


def test_first_come_first_served(redis: Any, lock: Callable[..., Lock], together: Together, wait_until: Any) -> None:
    with lock("anna"):
        for number in range(5):
            together.start(lock(f"waiter {number}", wait_s=10), f"waiter {number}")
            wait_until(waiting(redis, number + 1))
    together.join()
    assert together.got == [f"waiter {number}" for number in range(5)]
    assert not together.failed


def test_a_waiter_is_woken_at_once(redis: Any, lock: Callable[..., Lock], together: Together, wait_until: Any) -> None:
    held = lock("anna")
    held.acquire()
    together.start(lock("bert", wait_s=10), "bert")
    wait_until(waiting(redis, 1))
    began = time.monotonic()
    held.release()
    together.join()
    assert time.monotonic() - began < 0.5
    assert together.got == ["bert"]


def test_the_lock_comes_with_the_wake_up(
    redis: Any, lock: Callable[..., Lock], trips: Callable[[], Any], wait_until: Any
) -> None:
    """Who has waited for a moment asks once, sleeps once, and has it with all its time."""
    held, bert = lock("anna"), lock("bert", wait_s=10)
    held.acquire()
    began = time.monotonic()
    with trips() as counted:
        thread = threading.Thread(target=bert.acquire)
        thread.start()
        wait_until(waiting(redis, 1))
        held.release()
        thread.join(10)
    took = time.monotonic() - began
    assert bert.lease.ends_at > began + 59
    sent = [command for command in counted.sent if bert.lease.wanted.id.encode() in command]
    assert len(sent) == 2 or took > limits.LOCK_TRUSTED_S
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
    has_waited(redis, NAME, lease.decode(), came=limits.LOCK_TRUSTED_S + 0.1)
    anna.release()
    thread.join(10)
    assert held(redis, NAME)[lease.decode()] > time.time() + 50
    bert.release()


def test_a_lease_that_ends_without_release_wakes_the_next(lock: Callable[..., Lock]) -> None:
    lock("anna", ttl_s=0.5, renew=False).acquire()
    began = time.monotonic()
    with lock("bert", wait_s=10):
        assert 0.3 < time.monotonic() - began < 1.5


def test_a_dead_waiter_is_passed_over(redis: Any, lock: Callable[..., Lock], monkeypatch: pytest.MonkeyPatch) -> None:
    """It died a moment ago: the lock is handed to it, and comes back after the grace of a handover at most."""
    held = lock("anna")
    held.acquire()
    dead = steps.Wanted(NAME, "dead", 60)
    assert isinstance(steps.acquire(redis, dead, 30), steps.Wait)
    has_waited(redis, NAME, "dead", came=2)
    held.release()
    began = time.monotonic()
    with lock("bert", wait_s=10):
        assert time.monotonic() - began < 4


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
        assert 0.25 < time.monotonic() - began < 1
        assert waiting(redis, 0)()


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
    with lock("writer"):
        for number in range(3):
            together.start(lock(f"r{number}", shared=True, wait_s=10), f"r{number}", hold_s=0.3)
            wait_until(waiting(redis, number + 1))
        began = time.monotonic()
    together.join()
    assert time.monotonic() - began < 0.8
    assert len(together.got) == 3


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


def test_the_same_owner_comes_again_when_asked_for(lock: Callable[..., Lock], trips: Callable[[], Any]) -> None:
    with lock("anna", reentrant=True) as outer:
        with trips() as counted, lock("anna", reentrant=True) as inner:
            assert inner.token == outer.token
        assert len(counted) == 0
        outer.check()
        with pytest.raises(LockTimeout):
            lock("bert").acquire()
    with lock("bert"):
        pass


def test_what_is_kept_is_taken_again_by_its_owner_alone(lock: Callable[..., Lock], trips: Callable[[], Any]) -> None:
    """As between the end of a block and the commit of what was written in it."""
    first = lock("anna")
    first.acquire()
    token = first.token
    kept = first.keep()
    assert kept is not None
    with pytest.raises(LockTimeout):
        lock("bert").acquire()
    again = lock("anna")
    with trips() as counted:
        again.acquire()
        assert again.token == token
        kept.finish()
        assert again.held
    assert len(counted) == 0
    assert again.keep() is kept
    kept.finish()
    with lock("bert"):
        pass


def test_who_would_wait_for_itself_is_told_at_once(lock: Callable[..., Lock]) -> None:
    with lock("anna"):
        began = time.monotonic()
        with pytest.raises(LockTimeout, match="itself"):
            lock("anna", wait_s=10).acquire()
        assert time.monotonic() - began < 1
    with lock("anna", shared=True), pytest.raises(LockTimeout, match="itself"):
        lock("anna", reentrant=True, wait_s=10).acquire()


def test_an_error_inside_gives_the_lock_back_and_stays_itself(lock: Callable[..., Lock]) -> None:
    def work() -> None:
        with lock("anna", ttl_s=0.1, renew=False):
            time.sleep(0.15)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work()
    with lock("bert"):
        pass


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


def test_a_step_that_is_repeated_does_no_harm(redis: Any) -> None:
    """The client sends again what a broken connection may have swallowed."""
    wanted = steps.Wanted(NAME, "one", 60)
    first = steps.acquire(redis, wanted, 0)
    assert steps.acquire(redis, wanted, 0) == first
    assert steps.release(redis, NAME, "one")
    assert steps.release(redis, NAME, "one")
    assert isinstance(steps.acquire(redis, steps.Wanted(NAME, "two", 60), 0), int)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_holds_nothing(lock: Callable[..., Lock]) -> None:
    with lock("anna", ttl_s=5) as held:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                assert not held.held
                assert not HEARTBEAT.running
                held.release()
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        held.check()


def test_every_key_expires(redis: Any, lock: Callable[..., Lock]) -> None:
    with lock("anna"):
        with pytest.raises(LockTimeout):
            lock("bert", wait_s=0.05).acquire()
        steps.acquire(redis, steps.Wanted(NAME, "stays", 60), 30)
        redis.lpush(keys.lock_wake("x"), 1)
        redis.expire(keys.lock_wake("x"), 60)
        names = [key.decode() for key in redis.keys("*")]
        assert len(names) == 4
        for name in names:
            assert name.startswith("rq:job_console:"), name
            assert redis.pttl(name) > 0, name
    assert all(redis.pttl(key) > 0 for key in redis.keys("*"))


def test_listed_and_kept_for_longer_than_any_lease(redis: Any, lock: Callable[..., Lock]) -> None:
    """Not written there again each time; but before a lease would outlast it."""

    def listed() -> float:
        assert redis.zscore(keys.LOCKS, NAME) >= max(held(redis, NAME).values()) * 1000
        assert redis.pttl(keys.lock(NAME)) > 3_600_000
        return float(redis.zscore(keys.LOCKS, NAME))

    with lock("anna"):
        first = listed()
    for _ in range(3):
        with lock("anna"):
            assert listed() == first
    jump(redis, NAME, limits.LOCK_AHEAD_S + 1)
    with lock("anna"):
        assert listed() > first
    with lock("anna", ttl_s=3600):
        assert listed() > first + 3_000_000
    assert redis.zscore(keys.LOCKS, NAME) < first + 60_000, "nobody has it: it does not stand there for an hour"


@pytest.mark.parametrize(
    "terms", [{"ttl_s": 0}, {"ttl_s": 1e6}, {"wait_s": -1}, {"slots": 0}, {"slots": 2, "shared": True}]
)
def test_senseless_terms_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        Terms(**terms).check()

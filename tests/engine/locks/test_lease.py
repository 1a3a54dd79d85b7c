"""One lock on a real server: who has it, with which token, for how long, and what each step costs."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.errors import BadRequest, LockLost, LockTimeout
from job_console.engine.locks import limits as locks_limits
from job_console.engine.locks import steps
from job_console.engine.locks.heartbeat import HEARTBEAT
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.redis import keys

from ...support.locks import held, jump, let_end
from .conftest import NAME


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


def test_each_step_is_one_round_trip(lock: Callable[..., Lock], round_trips: Callable[[], Any]) -> None:
    with lock("anna") as held:  # the server learns the scripts
        held.check()
    held = lock("anna")
    for step in (held.acquire, held.check, held.release):
        with round_trips() as counted:
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
        assert not steps.release(redis, NAME, "somebody-else", held.token)
        assert steps.renew(redis, [(steps.Wanted(NAME, "somebody-else", 60), held.token)]) == [False]
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


def test_the_heartbeat_keeps_a_lease_and_its_thread_ends(
    redis: Any, lock: Callable[..., Lock], wait_until: Any
) -> None:
    with lock("anna", ttl_s=9) as kept:
        ((lease, ends),) = held(redis, NAME).items()
        wait_until(lambda: held(redis, NAME)[lease] > ends + 1, message="it is renewed")
        assert kept.held
        with pytest.raises(LockTimeout):
            lock("bert").acquire()
        kept.check()
    assert HEARTBEAT.running
    HEARTBEAT.stop()
    assert not HEARTBEAT.running
    assert not [thread for thread in threading.enumerate() if thread.name == "job_console-locks"]


def test_the_same_owner_comes_again_when_asked_for(lock: Callable[..., Lock], round_trips: Callable[[], Any]) -> None:
    with lock("anna", reentrant=True) as outer:
        with round_trips() as counted, lock("anna", reentrant=True) as inner:
            assert inner.token == outer.token
        assert len(counted) == 0
        outer.check()
        with pytest.raises(LockTimeout):
            lock("bert").acquire()
    with lock("bert"):
        pass


def test_what_is_kept_is_taken_again_by_its_owner_alone(
    lock: Callable[..., Lock], round_trips: Callable[[], Any]
) -> None:
    """As between the end of a block and the commit of what was written in it."""
    first = lock("anna")
    first.acquire()
    token = first.token
    kept = first.keep()
    assert kept is not None
    with pytest.raises(LockTimeout):
        lock("bert").acquire()
    again = lock("anna")
    with round_trips() as counted:
        again.acquire()
        assert again.token == token
        kept.finish()
        assert again.held
    assert len(counted) == 0
    assert again.keep() is kept
    kept.finish()
    with lock("bert"):
        pass


def test_an_error_inside_gives_the_lock_back_and_stays_itself(lock: Callable[..., Lock]) -> None:
    def work() -> None:
        with lock("anna", ttl_s=0.1, renew=False):
            time.sleep(0.15)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        work()
    with lock("bert"):
        pass


def test_a_step_that_is_repeated_does_no_harm(redis: Any) -> None:
    """The client sends again what a broken connection may have swallowed."""
    wanted = steps.Wanted(NAME, "one", 60)
    first = steps.acquire(redis, wanted, 0)
    assert steps.acquire(redis, wanted, 0) == first
    assert isinstance(first, int)
    assert steps.release(redis, NAME, "one", first)
    assert steps.release(redis, NAME, "one", first)
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
    jump(redis, NAME, locks_limits.LOCK_AHEAD_S + 1)
    with lock("anna"):
        assert listed() > first
    with lock("anna", ttl_s=3600):
        assert listed() > first + 3_000_000
    assert redis.zscore(keys.LOCKS, NAME) < first + 60_000, "nobody has it: it does not stand there for an hour"


@pytest.mark.parametrize(
    "options", [{"ttl_s": 0}, {"ttl_s": 1e6}, {"wait_s": -1}, {"slots": 0}, {"slots": 2, "shared": True}]
)
def test_senseless_terms_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        LockOptions(**options).check()


def test_what_is_given_back_after_its_lease_was_over_was_not_held(redis: Any) -> None:
    """Nobody else has come meanwhile: the answer must not hide that somebody could have."""
    wanted = steps.Wanted(NAME, "anna-1", 60)
    token = steps.acquire(redis, wanted, 0)
    let_end(redis, NAME, "anna-1")
    assert not steps.release(redis, NAME, "anna-1", token)
    assert redis.hget(keys.lock(NAME), "lapsed") == b"1"

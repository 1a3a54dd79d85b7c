"""Who waits for whom: circles among locks, and the safest place to break one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from job_console.engine.locks import waitfor
from job_console.engine.models.locks import Holder, LockState, Waiter, Who

SITE = "a.localhost"
NOW = datetime(2026, 1, 1, tzinfo=timezone.utc)


def state(name: str, holders: str, waiters: str = "", mode: str = "c", slots: int = 1) -> LockState:
    """`holders` and `waiters` are jobs of one letter each; later letters came later."""

    def when(job: str) -> datetime:
        return NOW + timedelta(seconds=ord(job))

    return LockState(
        name,
        tuple(Holder(job, Who(job_id=job), 1, when(job), 60, mode, slots) for job in holders),
        tuple(Waiter(job, Who(job_id=job), when(job), NOW, mode, slots) for job in waiters),
    )


@pytest.mark.parametrize(
    ("locks", "circles"),
    [
        ([state("1", "a", "b")], []),
        ([state("1", "a", "b"), state("2", "b", "c")], []),
        ([state("1", "a", "b"), state("2", "b", "a")], ["ab"]),
        ([state("1", "a", "b"), state("2", "b", "c"), state("3", "c", "a")], ["abc"]),
        ([state("1", "a", "b"), state("2", "b", "a"), state("3", "c", "d"), state("4", "d", "c")], ["ab", "cd"]),
        # Who waits for a circle is not in it.
        ([state("1", "a", "bc"), state("2", "b", "a")], ["ab"]),
        # A semaphore whose other holder can still give a slot back.
        ([state("1", "ax", "b", slots=2), state("2", "b", "a")], []),
        ([state("1", "ax", "b", slots=2), state("2", "b", "ax")], ["ab"]),
        # Readers do not wait for readers.
        ([state("1", "a", "b", mode="s"), state("2", "b", "a", mode="s")], []),
    ],
)  # fmt: skip
def test_deadlocks(locks: list[LockState], circles: list[str]) -> None:
    found = waitfor.deadlocks(locks)
    named = ["".join(sorted(edge.waiter.removeprefix("job ") for edge in each.edges)) for each in found]
    assert sorted(set(named) - {"bx"}) == circles  # with two holders stuck, either circle may be found first


def test_a_deadlock_through_a_line() -> None:
    """`r` has what the writer `w` waits for, and waits for `s`, who stands behind the writer to read."""
    shared = state("1", "r", "ws", mode="s")
    writer, second = shared.waiters
    behind = replace(shared, waiters=(replace(writer, mode="c"), second))
    (found,) = waitfor.deadlocks([behind, state("2", "s", "r")])
    assert {(edge.waiter, edge.holder, edge.in_line) for edge in found.edges} == {
        ("job w", "job r", False), ("job s", "job w", True), ("job r", "job s", False),
    }  # fmt: skip
    assert (found.victim, found.lock) == ("job s", "2")
    assert waitfor.deadlocks([behind, state("2", "s")]) == []
    assert waitfor.deadlocks([replace(behind, waiters=(second,)), state("2", "s", "r")]) == []


def test_threads_of_one_process_are_several() -> None:
    """As two requests in one web process. What one of them would wait for itself for is a circle still."""

    def request(thread: int) -> Who:
        return Who(method="POST /api", host="here", pid=7, thread=thread, site=SITE)

    def waits(lock: LockState, first: Who, second: Who) -> LockState:
        return replace(
            lock,
            holders=(replace(lock.holders[0], who=first),),
            waiters=(replace(lock.waiters[0], who=second),),
        )

    lock, other = state("1", "a", "b"), state("2", "b", "a")
    one, two, elsewhere = request(1), request(2), replace(request(1), pid=8)
    assert waitfor.deadlocks([waits(lock, one, two)]) == []
    assert waitfor.deadlocks([waits(lock, one, elsewhere), waits(other, elsewhere, two)]) == []
    assert len(waitfor.deadlocks([waits(lock, one, two), waits(other, two, one)])) == 1
    assert len(waitfor.deadlocks([waits(lock, one, one)])) == 1
    assert waitfor.deadlocks([waits(lock, replace(one, thread=None), replace(one, thread=None))]) == []


def test_the_safest_to_break_is_who_has_had_its_lock_for_the_shortest_time() -> None:
    (found,) = waitfor.deadlocks([state("1", "a", "b"), state("2", "b", "a")])
    assert (found.victim, found.lock) == ("job b", "2")

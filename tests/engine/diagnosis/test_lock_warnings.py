"""Locks that stand in the way, and those that do not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from job_console.engine.diagnosis import causes
from job_console.engine.diagnosis.detectors import findings, locks
from job_console.engine.models.locks import Holder, LockState, Waiter, Who
from job_console.engine.scope import Scope

from .build import NOW, SITE, ago, bench, lane, running, worker


def lock(*holders: Holder, waiters: tuple[Waiter, ...] = (), name: str = f"{SITE}|k", **more: Any) -> LockState:
    return LockState(name, holders, waiters, **{"acquired": 50, "longest_hold_s": 20.0, **more})


def holder(job: str = "j1", held: float = 100, left: float = 50, ttl: float = 60, at: str | None = "w1") -> Holder:
    who = Who(job_id=job, method="shop.sync", worker=at, host="host", pid=1, site=SITE)
    return Holder(job, who, 1, ago(held), ttl, "c", 1, ago(-left))


def waiter(job: str = "j2", waited: float = 5) -> Waiter:
    return Waiter(job, Who(job_id=job, site=SITE), ago(waited), ago(-5), "c", 1)


def codes(found: Any) -> list[tuple[str, str]]:
    return [(warning.code, warning.severity) for warning in found]


def seen(*states: LockState, **more: Any) -> Any:
    return bench(**{"workers": (worker("w1"),), "locks": states, **more})


@pytest.mark.parametrize(
    ("left", "worker_now", "expected"),
    [
        (50, worker("w1"), []),
        (10, worker("w1"), []),  # alive, if without renewal
        (50, worker("other"), []),  # gone, but renewed a moment ago: perhaps a race
        (10, worker("other"), ["warning"]),
        (10, worker("w1", "gone"), ["warning"]),
        (10, worker("w1", job_id="j9"), ["warning"]),
        (10, worker("w1", "idle"), ["warning"]),
    ],
)
def test_orphaned(left: float, worker_now: Any, expected: list[str]) -> None:
    found = list(locks.detect_orphaned(seen(lock(holder(left=left)), workers=(worker_now,))))
    assert [warning.severity for warning in found] == expected
    assert all(warning.needs_proof and warning.job_id == "j1" for warning in found)


def test_orphaned_is_critical_when_somebody_waits() -> None:
    found = list(locks.detect_orphaned(seen(lock(holder(left=10), waiters=(waiter(),)), workers=())))
    assert codes(found) == [("lock_orphaned", "critical")]
    assert "1 caller waits for it" in found[0].message
    assert [(remedy.action, remedy.safe) for remedy in found[0].remedies] == [("release_lock", True)]
    assert found[0].evidence["fence"] == 1


def test_who_runs_in_no_worker_is_not_accused() -> None:
    assert not list(locks.detect_orphaned(seen(lock(holder(left=1, at=None)), workers=())))


@pytest.mark.parametrize(
    ("held", "more", "expected"),
    [
        (500, {}, []),
        (700, {}, ["info"]),
        (700, {"waiters": (waiter(),)}, ["warning"]),
        (700, {"longest_hold_s": 300.0}, []),
        (700, {"acquired": 3}, []),
    ],
)
def test_overheld(held: float, more: dict[str, Any], expected: list[str]) -> None:
    found = list(locks.detect_overheld(seen(lock(holder(held=held), **more), held={"j1": running()})))
    assert [warning.severity for warning in found] == expected
    for warning in found:
        assert [(remedy.action, remedy.safe) for remedy in warning.remedies] == [
            ("stop", False),
            ("release_lock", False),
        ]


def test_contended() -> None:
    assert not list(locks.detect_contended(seen(lock(holder(), waiters=(waiter(waited=30),)))))
    found = list(locks.detect_contended(seen(lock(holder(), waiters=(waiter(waited=90), waiter("j3", 10))))))
    assert codes(found) == [("lock_contended", "warning")]
    assert found[0].since == ago(90)
    assert "2 callers wait" in found[0].message
    long = lock(holder(), waiters=(waiter(waited=90),))
    (found_long,) = locks.detect_contended(seen(replace(long, waiters_at_least=True)))
    assert found_long.message.startswith("At least 1 caller waits")


def test_a_deadlock_is_named() -> None:
    one = lock(holder("j1", held=50), waiters=(waiter("j2", 90),), name=f"{SITE}|one")
    two = lock(holder("j2", held=40), waiters=(waiter("j1", 90),), name=f"{SITE}|two")
    (found,) = locks.detect_contended(seen(one, two))
    assert (found.code, found.severity, found.job_id) == ("lock_contended", "critical", "j2")
    assert found.evidence["lock"] == f"{SITE}|two"
    assert "job j1 waits for job j2" in found.message
    assert found.since == ago(90) < NOW


def reported(given: Any) -> list[str]:
    return [warning.code for warning in causes.without_consequences(findings(given))]


def test_a_lock_that_is_waited_for_because_its_holder_died_is_one_warning() -> None:
    dead = lock(holder(held=700, left=10), waiters=(waiter(waited=70),))
    assert reported(seen(dead, workers=(worker("other"),))) == ["lock_orphaned"]


def test_a_lock_that_is_waited_for_because_it_is_held_for_long_is_one_warning() -> None:
    assert reported(seen(lock(holder(held=700), waiters=(waiter(waited=70),)))) == ["lock_contended"]


def test_a_lost_run_explains_its_lock_while_nobody_waits() -> None:
    lost = lane(running=(running(worker="dead", ran=60, lease_until=ago(1)),))
    given = {"workers": (worker("other", job_id="another"),), "lanes": (lost,)}
    assert reported(replace(seen(lock(holder(left=10))), **given)) == ["worker_lost"]
    assert sorted(reported(replace(seen(lock(holder(left=10), waiters=(waiter(),))), **given))) == [
        "lock_orphaned",
        "worker_lost",
    ]


def test_a_site_does_not_read_who_of_another_site_stands_in_a_circle() -> None:
    """Two bench-wide locks, and a job of either site: the victim's site hears of it."""

    def who(job_id: str, site: str) -> Who:
        return Who(job_id=job_id, method="shop.sync", worker="w1", site=site)

    def has(each: Who, held: float) -> Holder:
        return Holder("l", each, 1, ago(held), 60, "c", 1, ago(-50))

    def wants(each: Who) -> Waiter:
        return Waiter("l", each, ago(5), ago(-5), "c", 1)

    ours, theirs = who(f"{SITE}||ours", SITE), who("secret.org||x", "secret.org")
    locks = (
        lock(has(ours, 10), waiters=(wants(theirs),), name="|one"),
        lock(has(theirs, 90), waiters=(wants(ours),), name="|two"),
    )
    given = seen(*locks)
    (warning,) = findings(given)
    assert "secret.org||x" in warning.message
    (reported,) = Scope(SITE).warnings([warning], given)
    assert "secret" not in repr(reported)
    assert f"{SITE}||ours" in reported.message

"""Who has what: read, settled, audited, and kept within the viewer's site."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.errors import BadRequest, Forbidden, LockLost, LockMoved, NoSuchLock
from job_console.engine.locks import limits as locks_limits
from job_console.engine.locks import steps
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from ...support.locks import let_end

SITE = "a.localhost"
NAME = f"{SITE}|recalc:C-1"


@pytest.fixture
def hold(redis: Any) -> Callable[..., Lock]:
    def one(name: str = NAME, site: str | None = SITE, job: str = "job-1", **options: Any) -> Lock:
        who = Who(job_id=job, method="app.recalc", worker="w1", host="here", pid=7, user="ann@x", site=site)
        lock = Lock(redis, name, LockOptions(owner=job, **{"wait_s": 0.0, **options}), who)
        lock.acquire()
        return lock

    return one


def stand_in_line(redis: Any, job: str, name: str = NAME, site: str = SITE) -> None:
    info = json.dumps({"job_id": job, "method": "app.other", "site": site})
    assert isinstance(steps.acquire(redis, steps.Wanted(name, f"lease{job}", 60, info=info), 30), steps.Wait)


def of_site(engine: Engine, site: str = SITE) -> Console:
    return engine.console(Viewer("manager", site=site, may_act=True))


def test_what_is_reported_of_a_lock(redis: Any, console: Console, hold: Callable[..., Lock]) -> None:
    before = hold()
    before.release()
    lock = hold()
    stand_in_line(redis, "job-2")
    (reported,) = console.locks.all()["locks"]
    assert {name: reported[name] for name in ("key", "site", "state", "fence", "slots")} == {
        "key": NAME, "site": SITE, "state": "held", "fence": lock.token, "slots": 1,
    }  # fmt: skip
    holder = reported["holder"]
    assert (holder["job_id"], holder["method"], holder["worker"], holder["user"]) == (
        "job-1",
        "app.recalc",
        "w1",
        "ann@x",
    )
    assert (holder["host"], holder["pid"], holder["site"]) == ("here", 7, SITE)
    assert reported["acquired_at"] == holder["since"]
    assert 55 < reported["expires_in_s"] <= 60
    assert [waiter["job_id"] for waiter in reported["waiters"]] == ["job-2"]
    assert (reported["contended"], reported["acquired"]) == (1, 2)
    (past,) = reported["last_holders"]
    assert (past["job_id"], past["how"]) == ("job-1", "released")


def test_reading_changes_nothing_and_costs_three_round_trips(
    redis: Any, console: Console, hold: Callable[..., Lock], round_trips: Callable[[], Any]
) -> None:
    for number in range(5):
        hold(f"{SITE}|{number}", job=f"job-{number}")
    stand_in_line(redis, "job-9", f"{SITE}|1")
    before = {key: redis.dump(key) for key in redis.keys("*")}
    console.snapshot()  # the page has looked a moment ago: what else locks is seen there
    with round_trips() as counted:
        assert len(console.locks.all()["locks"]) == 5
    assert len(counted) == 3
    assert {key: redis.dump(key) for key in redis.keys("*")} == before


def test_idle_locks_are_shown_when_asked_for(console: Console, hold: Callable[..., Lock]) -> None:
    hold().release()
    assert console.locks.all()["locks"] == []
    (reported,) = console.locks.all(idle=True)["locks"]
    assert (reported["state"], reported["holder"], reported["waiters"]) == ("free", None, [])


def test_a_lease_that_is_over_is_not_shown_as_held(redis: Any, console: Console, hold: Callable[..., Lock]) -> None:
    lock = hold(renew=False)
    let_end(redis, NAME, lock.lease.wanted.id)
    assert console.locks.all()["locks"] == []


def test_release_moves_the_fence_and_the_old_holder_is_refused(
    redis: Any, console: Console, hold: Callable[..., Lock]
) -> None:
    lock = hold()
    stand_in_line(redis, "job-2")
    done = console.locks.release("recalc:C-1", "stuck since noon")
    assert done["released"] == 1
    assert done["lock"]["holder"]["job_id"] == "job-2"
    assert done["lock"]["fence"] > lock.token + 1
    with pytest.raises(LockLost):
        lock.check()
    entry = console.actions.audit()["entries"][0]
    assert (entry["actor"], entry["action"], entry["job_id"], entry["reason"], entry["detail"], entry["site"]) == (
        "tester@here", "release_lock", "job-1", "stuck since noon", NAME, SITE,
    )  # fmt: skip


def test_release_wants_a_reason_and_a_lock_and_the_right(engine: Engine, console: Console, hold: Any) -> None:
    hold()
    with pytest.raises(BadRequest):
        console.locks.release(NAME, "  ")
    with pytest.raises(NoSuchLock):
        console.locks.release("nothing", "why not")
    with pytest.raises(Forbidden):
        engine.console(Viewer("reader")).locks.release(NAME, "why not")


def test_who_has_it_by_now_keeps_it(redis: Any, console: Console, hold: Callable[..., Lock]) -> None:
    """Between a look at a lock and its release it may change hands."""
    seen = hold(shared=True, job="job-1")
    other = hold(shared=True, job="job-2")
    assert console.locks.release(NAME, "stuck", seen.token)["released"] == 1
    other.check()
    with pytest.raises(LockLost):
        seen.check()
    with pytest.raises(LockMoved):
        console.locks.release(NAME, "stuck", seen.token)
    with pytest.raises(LockMoved):
        console.locks.extend(NAME, 60, fence=seen.token)
    other.check()


def test_a_free_lock_cannot_be_released(console: Console, hold: Callable[..., Lock]) -> None:
    hold().release()
    with pytest.raises(NoSuchLock):
        console.locks.release(NAME, "why not")


def test_extend(console: Console, hold: Callable[..., Lock]) -> None:
    lock = hold(renew=False)
    reported = console.locks.extend(NAME, 600)["lock"]
    assert 650 < reported["expires_in_s"] <= 660
    lock.check()
    assert console.locks.show(NAME)["expires_in_s"] > 600, "a renewal never makes it shorter"
    assert console.actions.audit()["entries"][0]["action"] == "extend_lock"


def test_another_sites_locks_are_neither_shown_nor_settled(engine: Engine, hold: Callable[..., Lock]) -> None:
    hold("b.localhost|secret", site="b.localhost", job="theirs")
    ours = of_site(engine)
    assert ours.locks.all(idle=True)["locks"] == []
    for act in (
        ours.locks.show,
        lambda key: ours.locks.release(key, "mine now"),
        lambda key: ours.locks.extend(key, 60),
    ):
        for key in ("b.localhost|secret", "secret"):
            with pytest.raises(NoSuchLock):
                act(key)


def test_of_a_bench_wide_lock_other_sites_people_are_not_named(engine: Engine, hold: Callable[..., Lock]) -> None:
    hold("*|deploy", site="b.localhost", job="theirs")
    (reported,) = of_site(engine).locks.all()["locks"]
    assert reported["key"] == "*|deploy"
    assert "theirs" not in json.dumps(reported)
    assert "ann@x" not in json.dumps(reported)
    with pytest.raises(Forbidden):
        of_site(engine).locks.release("deploy", "mine now")
    assert of_site(engine, "b.localhost").locks.release("deploy", "ours")["released"] == 1


def test_what_others_wrote_there_does_no_harm(redis: Any, console: Console, hold: Callable[..., Lock]) -> None:
    hold()
    now = redis.hget(keys.lock(NAME), "now").decode()
    odd = {"contended": "many", "now": f"{now}\nodd\nodder|1e15|x\n|", "past:1": b"\xff|||"}
    redis.hset(keys.lock(NAME), mapping=odd)
    redis.zadd(keys.lock_line(NAME), {"odder": 1})
    (reported,) = console.locks.all()["locks"]
    assert reported["holder"]["job_id"] == "job-1"


def test_of_a_long_line_a_part_is_read_and_that_is_said(
    redis: Any, console: Console, hold: Callable[..., Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold()
    redis.zadd(keys.lock_line(NAME), {f"w{number}": number for number in range(3)})
    assert console.locks.all()["locks"][0]["waiters_at_least"] is False
    monkeypatch.setattr(locks_limits, "LOCK_PEOPLE", 3)
    assert console.locks.all()["locks"][0]["waiters_at_least"] is True


def test_of_many_holders_a_part_is_named_and_all_are_counted(
    console: Console, hold: Callable[..., Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        hold(job=f"job-{number}", slots=9)
    monkeypatch.setattr(locks_limits, "LOCK_PEOPLE", 3)
    (reported,) = console.locks.all()["locks"]
    assert (len(reported["holders"]), reported["holders_total"]) == (3, 5)


def test_all_holders_are_asked_and_released_however_many(
    engine: Engine, console: Console, hold: Callable[..., Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = "*|import"
    for number in range(4):
        hold(shared, job=f"job-{number}", slots=9)
    hold(shared, "b.localhost", job="theirs", slots=9)
    monkeypatch.setattr(locks_limits, "LOCK_PEOPLE", 3)
    with pytest.raises(Forbidden):
        of_site(engine).locks.release(shared, "why")
    assert console.locks.release(shared, "why")["released"] == 5
    assert console.locks.all()["locks"] == []


def test_more_locks_than_are_read_are_said_to_be_more(
    console: Console, hold: Callable[..., Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        hold(f"{SITE}|recalc:{number}")
    assert console.locks.all()["locks_at_least"] is False
    assert not [note for note in console.snapshot()["notes"] if "locks" in note]
    monkeypatch.setattr(locks_limits, "LOCK_ROWS", 2)
    assert console.locks.all()["locks_at_least"] is True
    console.engine.watch.forget()
    assert [note for note in console.snapshot()["notes"] if "there may be more" in note]
    # Another one may have that name, too.
    with pytest.raises(BadRequest, match="in full"):
        console.locks.release("recalc:2", "why")
    assert console.locks.release(f"{SITE}|recalc:2", "why")["released"] == 1

"""One of a group is retried first; what happens then depends on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.errors import BadRequest, Forbidden, NoSuchGroup
from job_console.engine.failures import limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer
from tests.engine.bench import DEFAULT, SHORT, status
from tests.support.processes import Workers

from .canaries import FAST, canary_state, queued, run, start
from .work import fail


@pytest.fixture
def console(engine: Engine) -> Console:
    return engine.console(Viewer("mia@example.com", site="a.localhost", may_act=True))


def test_one_first_and_when_it_ends_well_the_rest_at_the_rate(redis: Any, console: Console, turn: Any) -> None:
    ids = fail(redis, 30)
    first = start(console, rate=1.0, stop_at=20)  # a minute each: no machine is so slow
    assert (first["state"], first["total"], first["released"], first["out"]) == ("trying", 30, 1, 1)
    assert queued(redis) == ids[:1]
    assert turn(minutes=5)["released"] == 1  # it has not ended
    assert run(redis) == ids[:1]
    assert (turn()["state"], queued(redis)) == ("releasing", ids[1:2])
    assert (turn(minutes=10)["released"], queued(redis)) == (12, ids[1:12])
    assert turn()["released"] == 12
    run(redis)
    turn(minutes=10)
    assert turn(minutes=60)["left"] == 0
    run(redis)
    ended = turn()
    assert (ended["state"], ended["well"], ended["failed"], ended["left"]) == ("done", 30, 0, 0)
    assert not redis.exists(keys.CANARIES_ON)


def test_the_first_fails_again_and_the_others_stay(redis: Any, console: Console, turn: Any) -> None:
    ids = fail(redis, 5)
    start(console)
    run(redis, well=False, error="KeyError: 'x'")
    ended = turn(minutes=5)
    assert (ended["state"], ended["released"], ended["failed"], ended["left"]) == ("stopped", 1, 1, 4)
    assert ended["error"] == "KeyError: 'x'"
    assert queued(redis) == []
    assert {status(redis, job_id) for job_id in ids} == {"failed"}
    assert turn(minutes=5)["released"] == 1


def test_it_stops_at_the_nth_same_failure(redis: Any, console: Console, turn: Any) -> None:
    fail(redis, 100)
    start(console, stop_at=3, rate=1.0)
    run(redis)
    turn()
    run(redis, well=False, error="KeyError: 'x'")  # one of another kind is none of the three
    for _failure in range(2):
        turn()
        turn(minutes=1)
        assert len(run(redis, well=False)) == 1
    assert turn()["state"] == "releasing"
    turn(minutes=1)
    run(redis, well=False)
    ended = turn(minutes=60)
    assert (ended["state"], ended["failed"], ended["well"]) == ("stopped", 4, 1)
    assert queued(redis) == []


def test_no_more_are_out_than_ended_well(redis: Any, console: Console, turn: Any) -> None:
    """So that one that begins to fail has not let all of a fast release out before."""
    fail(redis, 100)
    start(console, stop_at=2)
    released = []
    for _round in range(4):
        run(redis)
        turn()
        released.append(turn(minutes=10)["released"])
    assert released == [3, 9, 27, 81]


def test_what_others_did_meanwhile_is_left_alone(redis: Any, console: Console, turn: Any) -> None:
    ids = fail(redis, 4)
    start(console)
    console.actions.run("delete", ids[1:2])
    console.actions.run("retry", ids[2:3])
    run(redis)
    turn()
    assert queued(redis) == [ids[3]]
    run(redis)
    ended = turn()
    assert (ended["state"], ended["released"], ended["well"], ended["gone"]) == ("done", 2, 2, 2)


def test_an_end_is_an_end(redis: Any, console: Console, turn: Any) -> None:
    fail(redis, 5)
    name = start(console)["canary"]
    assert console.failures.cancel_canary(name, "the bank is down")["canary"]["state"] == "canceled"
    run(redis)
    ended = turn(minutes=10)
    assert (ended["state"], ended["well"], ended["released"], ended["out"]) == ("canceled", 1, 1, 0)
    assert console.failures.cancel_canary(name)["canary"]["state"] == "canceled"
    again = start(console)  # and it may begin anew
    assert (again["state"], again["total"], again["well"]) == ("trying", 4, 0)


def test_all_is_in_the_trail(redis: Any, console: Console, turn: Any) -> None:
    fail(redis, 2)
    start(console)
    run(redis)
    turn()
    run(redis)
    turn()
    trail = [(each["action"], each["actor"], each["site"]) for each in console.actions.audit()["entries"]]
    who = ("mia@example.com", "a.localhost")
    assert trail == [("end_canary", *who), ("retry", *who), ("retry", *who), ("start_canary", *who)]
    entry = console.actions.audit()["entries"][1]
    assert entry["reason"] == "Canary retry, one of 2: stock was counted"
    assert entry["job_id"] == "a.localhost||job-1"


def test_other_sites_jobs_are_not_touched(redis: Any, engine: Engine, console: Console, turn: Any) -> None:
    fail(redis, 2)
    theirs = fail(redis, 3, site="b.localhost")
    assert start(console)["total"] == 2
    other = engine.console(Viewer("tom", site="b.localhost", may_act=True))
    assert other.failures.groups()["canaries"] == []
    with pytest.raises(NoSuchGroup):
        other.failures.cancel_canary(canary_state(console)["canary"])
    run(redis)
    turn(minutes=60)
    assert {status(redis, job_id) for job_id in theirs} == {"failed"}
    everybody = engine.console(Viewer("root", may_act=True))
    assert len(everybody.failures.groups()["canaries"]) == 1


def test_of_one_queue_only(redis: Any, console: Console) -> None:
    fail(redis, 2)
    fail(redis, 3, queue=DEFAULT, prefix="default")
    assert start(console, queue=SHORT)["total"] == 2


def test_all_at_once(redis: Any, console: Console) -> None:
    ids = fail(redis, 40)
    group = console.failures.groups()["groups"][0]["group"]
    results = console.failures.retry(group, canary=False)["results"]
    assert ([each["job_id"] for each in results], {each["ok"] for each in results}) == (ids, {True})
    assert queued(redis) == ids
    with pytest.raises(NoSuchGroup):
        console.failures.retry(group, canary=False)


def test_what_makes_no_sense(redis: Any, engine: Engine, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(redis, 3)
    for how in ({"rate": 0.5}, {"rate": 1e9}, {"stop_at": 0}, {"reason": " "}, {"reason": "x" * 1_000_000}):
        with pytest.raises(BadRequest):
            start(console, **how)
    with pytest.raises(NoSuchGroup):
        console.failures.retry("0" * 16, **FAST)
    with pytest.raises(Forbidden):
        engine.console(Viewer("tom", may_act=False)).failures.retry("0" * 16, **FAST)
    with pytest.raises(Forbidden):
        engine.console(Viewer("tom", may_act=False)).failures.cancel_canary("x")
    start(console)
    with pytest.raises(BadRequest, match="being retried already"):
        start(console)
    monkeypatch.setattr(limits, "CANARIES", 1)
    fail(redis, 9, prefix="other", function="count")
    with pytest.raises(BadRequest, match="1 groups are"):
        start(console)
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    with pytest.raises(BadRequest, match="Use a canary"):
        start(console, canary=False)


def test_each_key_ends(redis: Any, console: Console, turn: Any) -> None:
    fail(redis, 5)
    start(console)
    for _state in range(2):
        ours = list(redis.scan_iter(f"{keys.CANARIES[:-3]}*"))
        assert len(ours) >= 4
        assert all(0 < redis.ttl(key) <= limits.CANARY_TTL_S for key in ours)
        run(redis)
        turn()


def test_real_workers_do_it_with_nobody_looking(
    redis: Any, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., Any]
) -> None:
    """Jobs that really fail and then really end well; only sweeps take its turns."""
    fail(redis, 3, method="tests.jobs.say_hello")
    start(console)
    workers.start(SHORT)

    def swept() -> bool:
        redis.delete(*redis.scan_iter(keys.own("sweep", "*")), "nothing")
        engine.watch.forget()
        engine.sweep()
        return bool(canary_state(console)["state"] == "done")

    wait_until(swept, message="it is done")
    assert canary_state(console)["well"] == 3

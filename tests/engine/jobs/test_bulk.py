"""Actions on all jobs of a query: in turns, canceled in the midst, undone, gone on with by whoever is alive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rq import Queue

from job_console.engine.errors import BadRequest, Forbidden
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.messages import Message
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from .. import bench
from ..bench import LONG, SHORT


def turns(console: Console, begun: dict[str, Any]) -> Iterator[dict[str, Any]]:
    now = begun
    for _turn in range(200):
        if now["state"] not in ("collecting", "acting"):
            return
        now = console.bulks.go_on(begun["id"])
        yield now
    pytest.fail(f"It does not end: {now}")


def whole(console: Console, action: str, q: str, **words: Any) -> dict[str, Any]:
    *_others, last = turns(console, console.bulks.start(action, q, **words))
    return last


@pytest.fixture
def lanes(redis: Any) -> list[str]:
    """Of 650 that wait every third is `shop.sync`'s, of two users."""
    made = []
    for number, (method, user) in enumerate((("shop.sync", "mia"), ("shop.purge", "mia"), ("shop.sync", "ops"))):
        call = bench.work.wrapped(method, "a.localhost", user)
        data = bench.packed((bench.work.WRAPPER, None, (), call))
        made += bench.fill(redis, (250, 250, 150)[number], name=f"a.localhost||{number}-{{:03d}}".format, data=data)
    return made


def test_all_that_match_are_canceled_and_no_others(redis: Any, console: Console, lanes: list[str]) -> None:
    done = whole(console, "cancel", "method:sync user:mia", reason="the bank is down")
    assert (done["state"], done["matched"], done["tried"]) == ("done", 250, 250)
    assert done["kinds"] == [{"ok": True, "state": "canceled", "reason": "", "count": 250}]
    assert (done["undo"], done["undoable"], done["cut"]) == ("retry", 250, False)
    assert [job_id.decode() for job_id in redis.lrange(keys.queue(SHORT), 0, -1)] == lanes[250:]
    trail = console.actions.audit(size=251)["entries"]
    assert trail[0]["action"] == "bulk_cancel"
    assert trail[0]["detail"] == "250 of 250 jobs: method:sync user:mia"
    assert {(entry["action"], entry["reason"]) for entry in trail[1:]} == {("cancel", "the bank is down")}


def test_a_bulk_action_is_undone_as_far_as_nothing_has_started(redis: Any, console: Console, lanes: list[str]) -> None:
    first = whole(console, "cancel", "user:ops")
    console.actions.run("delete", [lanes[-1]])
    console.actions.run("retry", [lanes[-2]])
    *_others, undone = turns(console, console.bulks.undo(first["id"]))
    assert (undone["action"], undone["undoes"], undone["matched"]) == ("retry", first["id"], 150)
    counts = {(kind["ok"], kind["state"]): kind["count"] for kind in undone["kinds"]}
    assert counts == {(True, "queued"): 148, (False, ""): 2}
    assert set(redis.lrange(keys.queue(SHORT), 0, -1)) == {job_id.encode() for job_id in lanes[:-1]}
    assert undone["undo"] is None
    with pytest.raises(BadRequest, match="nothing to undo"):
        console.bulks.undo(first["id"])


def test_a_retry_is_undone_before_a_worker_comes(redis: Any, console: Console) -> None:
    made = bench.fill(redis, 5, status="failed")
    redis.delete(keys.queue(SHORT))
    for number, job_id in enumerate(made):
        redis.zadd(keys.registry("failed", SHORT), {job_id: 10**10 + number})
    done = whole(console, "retry", "status:failed")
    assert redis.llen(keys.queue(SHORT)) == 5
    redis.hset(keys.job(made[0]), "status", "started")
    *_others, undone = turns(console, console.bulks.undo(done["id"]))
    assert {(kind["ok"], kind["state"]): kind["count"] for kind in undone["kinds"]} == {
        (True, "canceled"): 4,
        (False, ""): 1,
    }


def test_it_is_canceled_in_the_midst(
    redis: Any, console: Console, lanes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_limits, "BULK_STEP_S", 0.0)  # one turn a call
    begun = console.bulks.start("cancel", "status:queued")
    seen = []
    for now in turns(console, begun):
        seen.append((now["state"], now["tried"]))
        if now["tried"] == 200:
            assert console.bulks.cancel(begun["id"])["state"] == "canceled"
            break
    assert seen[0] == ("acting", 0)
    after = console.bulks.go_on(begun["id"])
    assert (after["state"], after["tried"], after["undoable"]) == ("canceled", 200, 200)
    assert redis.llen(keys.queue(SHORT)) == len(lanes) - 200
    assert not redis.exists(keys.bulk_todo(begun["id"]))


def test_what_does_not_match_any_more_is_left_alone(
    redis: Any, console: Console, lanes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collected, and then it began to run: nobody asked to cancel that."""
    monkeypatch.setattr(jobs_limits, "BULK_STEP_S", 0.0)
    begun = console.bulks.start("cancel", "user:ops")
    assert console.bulks.go_on(begun["id"])["state"] == "acting"
    redis.hset(keys.job(lanes[-1]), "status", "started")
    *_others, last = turns(console, begun)
    assert {(kind["ok"], kind["reason"]): kind["count"] for kind in last["kinds"]} == {
        (True, ""): 149,
        (False, "It does not match any more: somebody was quicker."): 1,
    }
    assert all(isinstance(kind["reason"], Message) for kind in last["kinds"] if kind["reason"])  # in any language


def test_there_is_a_limit_and_it_is_said(
    redis: Any, console: Console, lanes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_limits, "BULK_MATCHED", 120)
    done = whole(console, "delete", "status:queued")
    assert (done["matched"], done["tried"], done["cut"], done["limit"]) == (120, 120, True, 120)
    assert redis.llen(keys.queue(SHORT)) == len(lanes) - 120
    assert done["undo"] is None


def test_a_queue_is_cleared_while_workers_take_from_it(redis: Any, console: Console, lanes: list[str]) -> None:
    """What leaves the head meanwhile moves the others up: none is passed over."""
    begun = console.bulks.start("cancel", "queue:short status:queued")
    redis.lpop(keys.queue(SHORT), 60)
    *_others, last = turns(console, begun)
    assert last["tried"] == len(lanes) - 60
    assert redis.llen(keys.queue(SHORT)) == 0


def test_they_are_moved(redis: Any, console: Console, lanes: list[str]) -> None:
    bench.fill(redis, 1, LONG, name="a.localhost||long".format)
    assert whole(console, "move", "method:purge", to="long")["kinds"][0]["count"] == 250
    assert redis.llen(keys.queue(LONG)) == 251


def test_the_sweep_goes_on_with_what_was_left(
    redis: Any, engine: Engine, console: Console, lanes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = console.bulks.start("cancel", "user:mia")
    engine.sweep()
    assert console.bulks.all()["bulks"][0]["tried"] == 0, "its asker is still there"
    monkeypatch.setattr(jobs_limits, "BULK_LEFT_S", -1.0)
    monkeypatch.setattr(jobs_limits, "BULK_STEP_S", 60.0)
    for name in redis.scan_iter("*:lease:bulks"):
        redis.delete(name)
    engine.sweep()
    (now,) = console.bulks.all()["bulks"]
    assert (now["id"], now["state"], now["tried"]) == (begun["id"], "done", 500)


def test_of_two_at_once_one_works(redis: Any, console: Console, lanes: list[str]) -> None:
    begun = console.bulks.start("cancel", "user:mia")
    redis.set(keys.bulk_lease(begun["id"]), "another process")
    assert console.bulks.go_on(begun["id"])["scanned"] == 0
    assert redis.get(keys.bulk_lease(begun["id"])) == b"another process"


def test_a_site_keeps_to_its_own(redis: Any, engine: Engine, console: Console, lanes: list[str]) -> None:
    theirs = bench.fill(redis, 3, name="b.org||{}".format, data=bench.payload("shop.sync", site="b.org"))
    site = engine.console(Viewer("sam", site="b.org", may_act=True))
    done = whole(site, "cancel", "method:sync")
    assert done["matched"] == 3
    assert redis.llen(keys.queue(SHORT)) == len(lanes)
    assert [each["id"] for each in site.bulks.all()["bulks"]] == [done["id"]]
    other = whole(console, "cancel", "user:ops")
    assert [each["id"] for each in site.bulks.all()["bulks"]] == [done["id"]]
    assert len(console.bulks.all()["bulks"]) == 2
    with pytest.raises(BadRequest, match="no such bulk action"):
        site.bulks.undo(other["id"])
    assert redis.hget(keys.job(theirs[0]), "status") == b"canceled"


@pytest.mark.parametrize(
    ("action", "q", "words"),
    [
        ("stop", "status:started", "Very many jobs can be done this to"),
        ("cancel", " ", "Say which jobs"),
        ("cancel", "metod:x", "Do you mean 'method'"),
        ("cancel", "queue:nope", "There is no queue 'nope'"),
        ("move", "status:queued", "There is no queue"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(
    redis: Any, console: Console, lanes: list[str], action: str, q: str, words: str
) -> None:
    with pytest.raises(BadRequest, match=words):
        console.bulks.start(action, q)
    assert console.bulks.all() == {"bulks": []}


def test_who_may_only_read(engine: Engine) -> None:
    looker = engine.console(Viewer("x"))
    for call in (lambda: looker.bulks.start("cancel", "x"), lambda: looker.bulks.go_on("x"),
                 lambda: looker.bulks.cancel("x"), lambda: looker.bulks.undo("x")):  # fmt: skip
        with pytest.raises(Forbidden):
            call()


def test_every_key_has_a_time_to_live(
    redis: Any, console: Console, lanes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_limits, "BULK_STEP_S", 0.0)
    begun = console.bulks.start("cancel", "user:mia")
    for _turn in range(3):
        console.bulks.go_on(begun["id"])
    names = list(redis.scan_iter(f"{keys.OURS}bulk*"))
    assert len(names) == 5
    assert all(0 < redis.ttl(name) <= jobs_limits.BULK_KEPT_S for name in names)
    monkeypatch.setattr(jobs_limits, "BULKS_LISTED", 2)
    for _again in range(3):
        whole(console, "cancel", "user:nobody")
    assert len(console.bulks.all()["bulks"]) == 2


def test_real_jobs_of_a_real_queue(redis: Any, console: Console, queue: Queue, enqueue: Any) -> None:
    made = [enqueue("say_hello") for _ in range(3)]
    assert whole(console, "cancel", "method:say_hello")["kinds"][0]["count"] == 3
    assert [job.get_status(refresh=True) for job in made] == ["canceled"] * 3
    assert queue.count == 0

"""What is asked for is checked, done, told and kept in the audit trail."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from job_console.engine.errors import BadRequest, Forbidden
from job_console.engine.models.holds import Hold
from job_console.engine.operate import holds
from job_console.engine.operate import limits as operate_limits
from job_console.engine.redis import keys
from job_console.engine.service import Engine, Viewer

from ..bench import DEFAULT, SHORT
from .work import enqueue, enqueue_held, waiting


@pytest.fixture(autouse=True)
def lanes(redis: Redis) -> None:
    redis.sadd(keys.QUEUES, keys.queue(SHORT), keys.queue(DEFAULT))


def trail(engine: Engine) -> list[dict[str, Any]]:
    return engine.console(Viewer("x")).actions.audit()["entries"]


def test_each_is_in_the_trail_with_who_why_and_until_when(operate: Any, engine: Engine) -> None:
    operate("pause_queue", SHORT, 600, reason="the bank is down")
    operate("resume_queue", SHORT, reason="")
    operate("resume_queue", SHORT, reason="")
    operate("suspend", "", 600, reason="a deploy")
    missing, *done = reversed(trail(engine)[1:]), None
    found = [
        (entry["action"], entry["ok"], entry["state_before"], entry["state_after"], entry["reason"], entry["queue"])
        for entry in reversed(trail(engine))
    ]
    assert missing
    assert done
    assert found == [
        ("pause_queue", True, "running", "paused", "the bank is down", SHORT),
        ("resume_queue", True, "paused", "running", "", SHORT),
        ("resume_queue", False, "running", "running", "It was not paused.", SHORT),
        ("suspend", True, "running", "suspended", "a deploy", None),
    ]
    assert {entry["actor"] for entry in trail(engine)} == {"mia@here"}
    assert "until 20" in trail(engine)[-1]["detail"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pause_queue", SHORT, 600, ""), "Say why"),
        (("stop_worker", "w", None, " "), "Say why"),
        (("pause_queue", SHORT, None), "Say for how long"),
        (("suspend", "", 8 * 86_400.0), "Say for how long"),
        (("suspend", "", float("nan")), "Say for how long"),
        (("pause_queue", "nowhere", 600), "There is no queue 'nowhere'"),
        (("pause_method", "shop.sync", 600), "SITE:METHOD"),
        (("fly", "", 600), "There is no operation 'fly'"),
        (("suspend", "", 600, "x" * 501), "at most 500"),
    ],
)
def test_what_makes_no_sense_is_refused(operate: Any, engine: Engine, words: tuple[Any, ...], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        operate(*words)
    assert trail(engine) == []


def test_who_may_only_look_may_not(engine: Engine) -> None:
    with pytest.raises(Forbidden):
        engine.console(Viewer("x")).operations.run("suspend", "", 600, "why")


def test_a_queue_is_named_by_its_label(operate: Any, lane: Any) -> None:
    assert operate("pause_queue", "short", 600)["ok"]
    assert lane(SHORT)["paused"]
    assert not lane(DEFAULT)["paused"]


def test_a_second_pause_replaces_the_first(operate: Any, redis: Redis, engine: Engine) -> None:
    operate("pause_queue", SHORT, 600)
    assert operate("pause_queue", SHORT, 60, reason="shorter")["state_before"] == "paused"
    (hold,) = holds.read(redis.hgetall(keys.HOLDS), holds.now(redis)).values()
    assert (hold.reason, round((hold.until - hold.at).total_seconds())) == ("shorter", 60)
    assert redis.ttl(keys.HOLDS) <= 121


def test_what_has_ended_is_taken_out_by_the_next(operate: Any, redis: Redis) -> None:
    past = holds.now(redis)
    redis.hset(keys.HOLDS, "queue|old", holds.to_json(Hold("queue", "old", "a", "b", past, past)))
    operate("pause_queue", SHORT, 600)
    assert redis.hkeys(keys.HOLDS) == [f"queue|{SHORT}".encode()]


def test_no_more_than_so_many(operate: Any, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operate_limits, "HOLDS", 1)
    assert operate("pause_queue", SHORT, 600)["ok"]
    refused = operate("pause_queue", DEFAULT, 600)
    assert not refused["ok"]
    assert "held already" in refused["reason"]
    assert operate("pause_queue", SHORT, 700)["ok"], "one that is there is replaced"


def test_a_site_pauses_its_own_methods_alone(engine: Engine, redis: Redis) -> None:
    console = engine.console(Viewer("sam", site="a.localhost", may_act=True))
    (done,) = console.operations.run("pause_method", "shop.sync", 600, "why")["results"]
    assert done["ok"]
    assert redis.hkeys(keys.HOLDS) == [b"method|a.localhost:shop.sync"]
    with pytest.raises(BadRequest, match="another site's"):
        console.operations.run("pause_method", "b.localhost:shop.sync", 600, "why")
    engine.watch.forget()
    seen = {site: engine.console(Viewer("x", site=site)).snapshot()["paused_methods"] for site in ("a.localhost", "b")}
    assert [each["method"] for each in seen["a.localhost"]] == ["shop.sync"]
    assert seen["b"] == []


def test_what_waits_moves_in_its_order(operate: Any, engine: Engine, redis: Redis) -> None:
    for number in range(5):
        enqueue(redis, number)
    engine.watch.forget()
    console = engine.console(Viewer("mia@here", may_act=True))
    results = console.operations.run("move_waiting", "short", None, "no worker", DEFAULT)["results"]
    assert [result["ok"] for result in results] == [True] * 5
    assert (waiting(redis), waiting(redis, DEFAULT)) == ([], ["0", "1", "2", "3", "4"])
    refused = operate("move_waiting", SHORT, to=DEFAULT)
    assert not refused["ok"]
    assert "Nothing of yours" in refused["reason"]


def test_a_site_moves_its_own_jobs_alone(engine: Engine, redis: Redis) -> None:
    enqueue_held(redis, 1), enqueue_held(redis, 2, "b.localhost")
    console = engine.console(Viewer("sam", site="a.localhost", may_act=True))
    (done,) = console.operations.run("move_waiting", SHORT, None, "why", DEFAULT)["results"]
    assert done["ok"]
    assert (waiting(redis), waiting(redis, DEFAULT)) == (["2"], ["1"])

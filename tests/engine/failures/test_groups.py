"""All failures are counted, by their cause, whatever becomes of them; and what a look costs is bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.errors import BadRequest, NoSuchGroup
from job_console.engine.failures import index, limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer
from tests.engine.bench import DEFAULT, SHORT

from .work import fail


@pytest.fixture
def look(engine: Engine) -> Callable[..., Any]:
    """The groups now, as a viewer of a site (or of all) sees them."""

    def groups(viewer_of: str | None = None, **asked: Any) -> Any:
        engine.watch.forget()
        return engine.console(Viewer("tester", site=viewer_of, may_act=True)).failures.groups(**asked)

    return groups


def test_a_group_is_a_term_of_the_query(redis: Any, console: Console, look: Callable[..., Any]) -> None:
    """Its jobs and no others, of all lanes; and each of them says which group is its own."""
    ids = {*fail(redis, 5), *fail(redis, 2, queue=DEFAULT, prefix="there")}
    fail(redis, 3, error="KeyError: 'x'", prefix="other")
    redis.hset(keys.job(fail(redis, 1, prefix="again")[0]), "status", "queued")
    group = next(each for each in look()["groups"] if each["count"] == 7)
    q = f"group:{group['group']}"
    assert {row["id"] for row in console.jobs.page(q=q)["jobs"]} == ids
    assert console.jobs.page(q=f"{q} status:queued")["total"] == 0
    others = console.jobs.page(q=f"-{q} status:failed")
    assert (others["total"], ids & {row["id"] for row in others["jobs"]}) == (4, set())
    assert {console.jobs.show(job_id)["failure_group"] for job_id in ids} == {group["group"]}
    (alone,) = look(group=group["group"])["groups"]
    assert alone["count"] == 7


def test_all_are_counted_by_their_cause(redis: Any, look: Callable[..., Any]) -> None:
    fail(redis, 300)
    fail(redis, 7, error="KeyError: 'item {0}'", prefix="key", queue=DEFAULT)
    fail(redis, 5, method="shop.mail.send", prefix="mail")
    fail(redis, 3, function="count", prefix="count")
    answer = look()
    names = ("type", "method", "frame", "message", "count")
    found = [tuple(group[name] for name in names) for group in answer["groups"]]
    assert found == [
        ("ValueError", "shop.stock.sync", "shop/stock.py in sync", "no stock of …", 300),
        ("KeyError", "shop.stock.sync", "shop/stock.py in sync", "…", 7),
        ("ValueError", "shop.mail.send", "shop/stock.py in sync", "no stock of …", 5),
        ("ValueError", "shop.stock.sync", "shop/stock.py in count", "no stock of …", 3),
    ]
    assert (answer["failed"], answer["counted"], answer["whole"], answer["total"]) == (315, 315, True, 4)
    assert answer["groups"][0]["example"].startswith("no stock of ")
    assert answer["groups"][1]["queues"] == [DEFAULT]


def test_what_has_happened_since_is_seen(redis: Any, engine: Engine, look: Callable[..., Any]) -> None:
    ids = fail(redis, 20)
    assert look()["counted"] == 20
    console = engine.console(Viewer("tester", may_act=True))
    console.actions.run("delete", ids[:5])
    console.actions.run("retry", ids[5:8])
    fail(redis, 2, prefix="new")
    redis.delete(keys.job(ids[9]))  # its record has expired, and RQ has not looked yet
    fail(redis, 1, prefix="gone", seconds_ago=30)
    redis.delete(keys.job("a.localhost||gone-0"))
    answer = look()
    # What was known of one whose record is gone stays known: it failed.
    assert (answer["failed"], answer["counted"], answer["without_record"], answer["whole"]) == (15, 14, 1, True)
    engine.redis.delete(keys.registry("failed", SHORT))
    assert look()["groups"] == []
    assert not list(redis.scan_iter(keys.own("failed_of:*")))


def test_one_that_fails_in_another_way_changes_its_group(redis: Any, look: Callable[..., Any]) -> None:
    fail(redis, 2)
    assert [group["count"] for group in look()["groups"]] == [2]
    fail(redis, 1, error="KeyError: 'x'", seconds_ago=5)
    assert [(group["type"], group["count"]) for group in look(order="last")["groups"]] == [
        ("KeyError", 1),
        ("ValueError", 1),
    ]


def test_a_site_sees_its_own(redis: Any, look: Callable[..., Any]) -> None:
    fail(redis, 4)
    fail(redis, 6, site="b.localhost")
    mine, all_of_them = look("a.localhost"), look()
    assert [group["count"] for group in mine["groups"]] == [4]
    assert mine["groups"][0]["sites"] == ["a.localhost"]
    assert [(group["count"], group["sites"]) for group in all_of_them["groups"]] == [
        (10, ["a.localhost", "b.localhost"])
    ]
    assert [group["count"] for group in look(site="b.localhost")["groups"]] == [6]
    assert look("a.localhost", site="b.localhost")["groups"] == []


def test_its_jobs_are_its_own(redis: Any, engine: Engine, look: Callable[..., Any]) -> None:
    ids = fail(redis, 30)
    fail(redis, 4, prefix="other", site="b.localhost")
    fail(redis, 3, prefix="count", function="count")
    group = look("a.localhost")["groups"][0]
    failures = engine.console(Viewer("tester", site="a.localhost")).failures
    page = failures.jobs(group["group"], page=2, size=10)
    assert [job["id"] for job in page["jobs"]] == ids[::-1][10:20]
    assert (page["total"], page["approximate"]) == (30, False)
    with pytest.raises(NoSuchGroup):
        failures.jobs("0" * 16)
    with pytest.raises(BadRequest):
        failures.jobs(group["group"], page=10_000)


def test_who_and_what_it_is_about(redis: Any, look: Callable[..., Any]) -> None:
    about = {"doctype": "Item", "name": "SHIRT"}
    fail(redis, 3, user="mia@example.com", kwargs=about)
    fail(redis, 1, user="tom@example.com", prefix="tom", seconds_ago=3 * 3600)
    (group,) = look()["groups"]
    assert group["users"] == [{"user": "mia@example.com", "count": 3}, {"user": "tom@example.com", "count": 1}]
    assert group["documents"] == [about]
    assert group["sampled"] == 4
    assert (group["trend"][-1], group["trend"][-4], sum(group["trend"]), len(group["trend"])) == (3, 1, 4, 24)
    assert group["first_at"] < group["last_at"]


def test_filters_and_pages(redis: Any, look: Callable[..., Any]) -> None:
    for number in range(5):
        fail(redis, number + 1, method=f"shop.m{number}", prefix=f"m{number}")
    assert [group["count"] for group in look(size=2)["groups"]] == [5, 4]
    assert [group["count"] for group in look(size=2, page=3)["groups"]] == [1]
    assert [group["method"] for group in look(method="shop.m3")["groups"]] == ["shop.m3"]
    assert look(queue=SHORT)["total"] == 5
    with pytest.raises(BadRequest):
        look(queue="nowhere")
    with pytest.raises(BadRequest):
        look(order="beauty")


@pytest.mark.parametrize("quick", [500, 5_000])
def test_of_many_a_look_counts_a_part_and_says_so(
    redis: Any, engine: Engine, look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, quick: int
) -> None:
    """A slice ends with the chunk that it has begun; the next goes on there, also on a machine that has no time; and of
    very many the newest come first."""
    for name, value in {"QUICK": quick, "LOOK_S": 0.0, "SWEEP_S": 0.0, "PACE_S": 0.001, "SCANNED": 100}.items():
        monkeypatch.setattr(limits, name, value)
    fail(redis, 1_000)
    first = look()
    assert not first["whole"]
    assert 0 < first["counted"] < 1_000
    assert first["failed"] == 1_000
    fail(redis, 1, error="KeyError: 'x'", prefix="newest", seconds_ago=0)
    if quick == 500:
        assert {group["type"] for group in look()["groups"]} == {"ValueError", "KeyError"}
    for _turn in range(100):
        engine.watch.forget()
        engine.sweep()
        redis.delete(*redis.scan_iter(keys.own("sweep:*")))
        if (answer := look())["whole"]:
            break
    assert (answer["counted"], answer["whole"]) == (1_001, True)


def test_nobody_looks_nothing_is_read(redis: Any, engine: Engine, look: Callable[..., Any]) -> None:
    fail(redis, 3)
    engine.sweep()
    assert not list(redis.scan_iter(keys.own("failed_*")))
    look()
    assert not index.is_wanted(redis, engine.watch.look().bench)
    fail(redis, 1, prefix="new")
    engine.watch.forget()
    assert index.is_wanted(redis, engine.watch.look().bench)


def test_an_index_that_has_expired_in_part_is_made_anew(redis: Any, look: Callable[..., Any]) -> None:
    ids = fail(redis, 5)
    look()
    redis.delete(keys.failed_jobs(SHORT))
    redis.zrem(keys.registry("failed", SHORT), ids[0])
    assert [group["count"] for group in look()["groups"]] == [4]


def test_strangers_in_the_index_break_nothing(redis: Any, look: Callable[..., Any]) -> None:
    fail(redis, 3)
    look()
    redis.hset(keys.failed_groups(SHORT), "x", "no json")
    redis.hset(keys.failed_jobs(SHORT), "a.localhost||job-0", "[1]")
    redis.hset(keys.FAILED_WALK, SHORT, "{}")
    assert [group["count"] for group in look()["groups"]] == [3]


def test_each_key_ends(redis: Any, look: Callable[..., Any]) -> None:
    fail(redis, 3)
    look()
    ours = list(redis.scan_iter(keys.own("failed_*")))
    assert len(ours) == 4
    assert all(0 < redis.ttl(key) <= limits.INDEX_TTL_S for key in ours)


def test_a_look_at_many_known_failures_costs_few_round_trips(
    redis: Any, engine: Engine, look: Callable[..., Any], round_trips: Callable[[], Any]
) -> None:
    fail(redis, 50)
    look()
    with round_trips() as few:
        look()
    fail(redis, 400, prefix="more")
    look()
    with round_trips() as many:
        look()
    assert len(many) <= len(few) + 4  # of the registry and of the index, one more chunk each


def test_hidden_words_stay_hidden(redis: Any, console: Console) -> None:
    fail(redis, 1, error="ValueError: password=hunter2 was refused")
    (group,) = console.failures.groups()["groups"]
    assert "hunter2" not in f"{group}"

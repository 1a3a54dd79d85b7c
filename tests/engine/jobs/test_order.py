"""Lists in an order that somebody chose, the page on which a time stands, and of what the waiting jobs are made."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from job_console.engine.errors import BadRequest
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from .. import bench
from ..bench import LONG, SHORT

NOW = datetime.now(timezone.utc)


def at(minutes: float) -> str:
    return bench.iso(NOW - timedelta(minutes=minutes))


def ids(answer: dict[str, Any]) -> list[str]:
    return [row["id"] for row in answer["jobs"]]


class TestSorting:
    @pytest.fixture
    def three(self, redis: Any) -> list[str]:
        """In their lane's order: enqueued second, first, never; by b, a, c."""
        made = []
        for name, minutes, method, user in (
            ("x", 20, "shop.b", "zoe"),
            ("y", 300, "shop.a", "Ann"),
            ("z", 0, "shop.c", "bob"),
        ):
            data = bench.packed((bench.work.WRAPPER, None, (), bench.work.wrapped(method, "a.localhost", user)))
            made += bench.fill(redis, 1, LONG if name == "y" else SHORT, f"a.localhost||{name}".format, data)
            redis.hset(keys.job(made[-1]), mapping={"enqueued_at": at(minutes), "created_at": at(minutes)})
            if not minutes:
                redis.hdel(keys.job(made[-1]), "enqueued_at", "created_at")
        return made

    @pytest.mark.parametrize(
        ("sort", "order"),
        [("enqueued", "yxz"), ("-enqueued", "xyz"), ("method", "yxz"), ("-method", "zxy"), ("user", "yzx")],
    )
    def test_it_is_in_that_order_and_what_has_no_value_stands_last(
        self, console: Console, three: list[str], sort: str, order: str
    ) -> None:
        answer = console.jobs.page(sort=sort)
        assert ids(answer) == [f"a.localhost||{name}" for name in order]
        assert (answer["sort"], answer["unsorted"], answer["total"], answer["approximate"]) == (sort, None, 3, False)
        pages = [ids(console.jobs.page(sort=sort, page=number, size=1)) for number in (1, 2, 3, 4)]
        assert sum(pages, []) == ids(answer)  # noqa: RUF017  three

    def test_with_terms(self, console: Console, three: list[str]) -> None:
        assert ids(console.jobs.page(q="-method:shop.c", sort="-user")) == ["a.localhost||x", "a.localhost||y"]
        assert ids(console.jobs.page(q="age:>2h", sort="enqueued")) == ["a.localhost||y"]

    def test_by_how_long_they_ran(self, redis: Any, console: Console) -> None:
        for name, minutes in (("short", 1), ("long", 9), ("middle", 4)):
            (job_id,) = bench.fill(
                redis, 1, name=f"a.localhost||{name}".format, started_at=at(10), ended_at=at(10 - minutes)
            )
            redis.zadd(keys.registry("finished", SHORT), {job_id: NOW.timestamp() + 600})
        redis.delete(keys.queue(SHORT))
        answer = console.jobs.page(status="finished", sort="-took")
        assert [row.rpartition("|")[2] for row in ids(answer)] == ["long", "middle", "short"]

    def test_too_many_stand_as_they_stood_and_say_why(
        self, redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs_limits, "SORTED_ROWS", 50)
        made = bench.fill(redis, 60)
        answer = console.jobs.page(sort="-enqueued")
        assert (ids(answer), answer["sort"]) == (made[:20], None)
        assert answer["unsorted"] == (
            "These 60 jobs are not sorted: by this, up to 50 are read on the spot. Choose a lane or a state."
        )

    def test_a_site_sees_its_own_in_order(self, redis: Any, engine: Engine) -> None:
        ours, theirs = ([f"{site}||{n}" for n in range(3)] for site in ("acme.com", "acme.com.au"))
        for site, names in (("acme.com", ours), ("acme.com.au", theirs)):
            bench.fill(redis, 3, name=names.__getitem__, data=bench.payload(site=site))
        site = engine.console(Viewer("sam", site="acme.com"))
        for sort, cost in (("-enqueued", "record"), ("method", "job")):
            answer = site.jobs.page(sort=sort)
            assert (set(ids(answer)), answer["total"]) == (set(ours), 3), cost
        bench.fill(redis, 1, name=lambda _n: "plain", data=bench.payload(site="b.org"))
        assert set(ids(site.jobs.page(sort="enqueued"))) == set(ours), "an id that names no site"

    def test_it_costs_a_few_round_trips(self, redis: Any, console: Console, round_trips: Any) -> None:
        bench.fill(redis, 2_000)
        console.snapshot()
        with round_trips() as counted:
            console.jobs.page(sort="-enqueued")
        assert len(counted) == 3

    def test_an_unknown_order(self, console: Console) -> None:
        with pytest.raises(BadRequest, match="Jobs are sorted by enqueued, started"):
            console.jobs.page(sort="colour")


class TestATime:
    @pytest.mark.parametrize("count", [1, 99, 101, 3_456])
    def test_the_page_on_which_it_stands(self, redis: Any, console: Console, count: int) -> None:
        """Enqueued one a minute, the newest now."""
        made = bench.fill(redis, count)
        pipeline = redis.pipeline(transaction=False)
        for number, job_id in enumerate(made):
            pipeline.hset(keys.job(job_id), mapping={"enqueued_at": at(count - number)})
        pipeline.execute()
        for wanted in {0, 1, 17, count // 3, count - 2, count - 1} & set(range(count)):
            answer = console.jobs.page(q="status:queued", at=at(count - wanted), size=20)
            assert answer["page"] == wanted // 20 + 1
            assert made[wanted] in ids(answer)
        assert console.jobs.page(status="queued", at=at(count + 5))["page"] == 1
        assert console.jobs.page(status="queued", at=at(-5))["page"] == count // 20 + 1

    def test_a_million_would_cost_as_little(self, redis: Any, console: Console, round_trips: Any) -> None:
        bench.fill(redis, 20_000)
        console.snapshot()
        with round_trips() as counted:
            console.jobs.page(status="queued", at=at(1))
        assert len(counted) <= 2 * 3 + 2

    def test_what_is_scheduled_and_what_has_ended(self, redis: Any, console: Console) -> None:
        made = bench.fill(redis, 60)
        redis.delete(keys.queue(SHORT))
        for number, job_id in enumerate(made):
            redis.zadd(keys.registry("scheduled", SHORT), {job_id: NOW.timestamp() + 60 * number})
        assert console.jobs.page(status="scheduled", at=at(-25))["page"] == 2
        redis.delete(keys.registry("scheduled", SHORT))
        console.engine.watch.forget()
        for number, job_id in enumerate(made):
            redis.hset(keys.job(job_id), mapping={"status": "failed", "ended_at": at(number)})
            redis.zadd(keys.registry("failed", SHORT), {job_id: NOW.timestamp() - 60 * number})
        console.engine.watch.forget()
        answer = console.jobs.page(status="failed", at=at(45))
        assert answer["page"] == 3
        assert made[45] in ids(answer)

    def test_of_a_site_its_own_pages_count(self, redis: Any, engine: Engine) -> None:
        made = [f"{('acme.com', 'b.org')[n % 2]}||{n:04d}" for n in range(200)]
        bench.fill(redis, 200, name=made.__getitem__, data=bench.payload(site="acme.com"))
        for number, job_id in enumerate(made):
            redis.hset(keys.job(job_id), mapping={"enqueued_at": at(200 - number)})
        answer = engine.console(Viewer("sam", site="acme.com")).jobs.page(status="queued", at=at(100))
        assert answer["page"] == 3
        assert made[100] in ids(answer)

    def test_where_no_order_of_time_is(self, redis: Any, console: Console) -> None:
        bench.fill(redis, 3)
        bench.fill(redis, 3, LONG, name="long-{}".format)
        with pytest.raises(BadRequest, match="Choose one lane"):
            console.jobs.page(status="queued", at=at(1))
        redis.zadd(keys.registry("failed", SHORT), {"a.localhost||000000": 1})
        console.engine.watch.forget()
        with pytest.raises(BadRequest, match="Choose one state"):
            console.jobs.page(at=at(1))
        with pytest.raises(BadRequest, match="age: or ended:"):
            console.jobs.page(q="status:queued user:mia", at=at(1))
        with pytest.raises(BadRequest, match="is no time"):
            console.jobs.page(status="queued", at="noon")


class TestWhatWaits:
    def test_a_few_are_counted(self, redis: Any, console: Console) -> None:
        bench.fill(redis, 3, data=bench.payload("shop.sync"))
        bench.fill(redis, 2, LONG, name="b.localhost||{}".format, data=bench.payload("shop.purge", site="b.localhost"))
        found = console.jobs.waiting()
        assert (found["waiting"], found["sample"], found["exact"]) == (5, 5, True)
        assert found["parts"]["method"] == [{"name": "shop.sync", "count": 3}, {"name": "shop.purge", "count": 2}]
        assert found["parts"]["site"] == [{"name": "a.localhost", "count": 3}, {"name": "b.localhost", "count": 2}]
        assert [row["name"] for row in console.jobs.waiting("long")["parts"]["method"]] == ["shop.purge"]
        with pytest.raises(BadRequest, match="no queue"):
            console.jobs.waiting("nope")

    def test_many_are_sampled_and_it_says_so(self, redis: Any, console: Console, round_trips: Any) -> None:
        """Nine of ten are one method's, as a burst at the lane's end."""
        bench.fill(redis, 2_000, data=bench.payload("shop.rare"))
        bench.fill(redis, 18_000, name="a.localhost||often-{:05d}".format, data=bench.payload("shop.often"))
        console.snapshot()
        with round_trips() as counted:
            found = console.jobs.waiting()
        assert len(counted) <= 3
        assert (found["waiting"], found["exact"]) == (20_000, False)
        assert found["sample"] == jobs_limits.COMPOSITION_SAMPLE
        shares = Counter({row["name"]: row["count"] for row in found["parts"]["method"]})
        assert abs(shares["shop.rare"] - 2_000) < 600
        assert abs(shares["shop.often"] - 18_000) < 1_000

    def test_of_other_sites_a_number(self, redis: Any, engine: Engine) -> None:
        bench.fill(redis, 3, data=bench.payload("shop.sync"))
        bench.fill(redis, 2, name="b.org||{}".format, data=bench.payload("their.secret", site="b.org"))
        found = engine.console(Viewer("sam", site="a.localhost")).jobs.waiting()
        assert (found["waiting"], found["elsewhere"]) == (5, 2)
        assert "their.secret" not in str(found)
        assert "b.org" not in str(found)

    def test_nothing(self, console: Console) -> None:
        assert console.jobs.waiting()["parts"]["method"] == []

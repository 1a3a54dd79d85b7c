"""Which jobs a reader asked for: the real look, and the quick one at a payload's bytes, which may not miss any."""

from __future__ import annotations

import dataclasses
import pickle
import time
from typing import Any

import pytest
import redis as redis_py
from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.jobs.query import Query
from job_console.engine.jobs.words import like
from job_console.engine.models.jobs import Job
from job_console.engine.redis import keys
from job_console.engine.rq import call
from job_console.engine.service import Console, Engine, Viewer
from tests import jobs as work
from tests.support.sizes import sized

from .. import bench
from ..bench import LONG, SHORT


def job(
    method: Any = "shop.sync", job_id: str = "a.localhost||1", user: str = "ann@x", **kwargs: Any
) -> tuple[Job, bytes]:
    plain = pickle.dumps((work.WRAPPER, None, (), work.wrapped(method, "a.localhost", user, **kwargs)), 5)
    return Job(job_id, SHORT, "queued", call.read(job_id, plain, len(plain))), plain


CASES: list[tuple[dict[str, str], bool, dict[str, Any]]] = [
    ({"method": "shop.sync"}, True, {}),
    ({"method": "SYNC"}, True, {}),
    ({"method": "shop.syncs"}, False, {}),
    ({"method": "shop.*"}, True, {}),
    ({"method": "*.syn?"}, True, {}),
    ({"method": "shop"}, True, {}),
    ({"method": "sho"}, True, {}),
    ({"method": "*sho"}, False, {}),
    ({"method": "s*[xyz]*"}, False, {}),
    ({"method": "*[0]*"}, True, {"method": "shop.items[0].sync"}),
    ({"method": "tests.jobs.say_hello"}, True, {"method": work.say_hello}),
    ({"method": "jobs.say*"}, False, {"method": work.say_hello}),
    ({"method": "*jobs.say*"}, True, {"method": work.say_hello}),
    ({"method": "größe.prüfen"}, True, {"method": "größe.prüfen"}),
    ({"method": "GRÖSSE"}, False, {"method": "größe.prüfen"}),
    ({"method": "Größe"}, True, {"method": "größe.prüfen"}),
    ({"method": "中文"}, True, {"method": "任务.中文"}),
    ({"user": "ann@x"}, True, {}),
    ({"user": "Ann@X"}, True, {}),
    ({"user": "ann"}, False, {}),
    ({"user": "josé@x"}, True, {"user": "José@x"}),
    ({"site": "a.localhost"}, True, {}),
    ({"site": "a.local"}, False, {}),
    ({"site": "b.localhost"}, False, {}),
    ({"text": "ACC-SINV-00042"}, True, {"name": "ACC-SINV-00042"}),
    ({"text": "acc-sinv"}, True, {"name": "ACC-SINV-00042"}),
    ({"text": "sinv 00042"}, False, {"name": "ACC-SINV-00042"}),
    ({"text": "ann@"}, True, {}),
    ({"text": "shop.sync"}, True, {}),
    ({"text": "report-7"}, True, {"job_id": "a.localhost||report-7"}),
    ({"text": "42"}, True, {"count": 42}),
    ({"text": "-42"}, True, {"count": -42}),
    ({"text": "1.5"}, True, {"share": 1.5}),
    ({"text": "90071992547409931"}, True, {"number": 90071992547409931}),
    ({"text": "90071992547409932"}, False, {"number": 90071992547409931}),
    ({"text": "1"}, False, {"job_id": "a.localhost||x", "flag": True}),
    ({"text": "4"}, False, {"job_id": "a.localhost||x", "count": 42}),
    ({"text": "deep"}, True, {"rows": [{"items": [{"name": "Deep"}]}]}),
    ({"text": "qty"}, True, {"rows": [{"qty": 1}]}),
    ({"text": "größe"}, True, {"name": "Größe"}),
    ({"text": "nan"}, True, {"name": "Banane"}),
    ({"text": "Sales Invoice.submit"}, True, {"method": "x.run_doc_method", "doctype": "Sales Invoice", "name": "1",
                                              "doc_method": "submit"}),
    ({"text": "daily", "user": "bob@x"}, False, {"name": "daily"}),
    ({"text": "x" * 3}, False, {}),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "found", "made"), CASES)
def test_matches(asked: dict[str, str], found: bool, made: dict[str, Any]) -> None:
    one, plain = job(**made)
    query = Query(**asked)
    assert query.matches(one) is found
    assert query.may_match_bytes(plain, one.id) or not found, "the quick look missed it"


def test_the_quick_look_spares_work() -> None:
    one, plain = job()
    for asked in ({"method": "stock"}, {"user": "bob@x"}, {"text": "ACC-SINV"}, {"site": "b.other"}):
        assert not Query(**asked).may_match_bytes(plain, one.id)


WORDS = st.text(alphabet="ab.AB_-é[]*? 0", min_size=1, max_size=6)


@settings(max_examples=sized(150, 500), deadline=None)
@given(WORDS, WORDS, WORDS, WORDS)
def test_the_quick_look_misses_none(method: str, user: str, name: str, asked: str) -> None:
    one, plain = job(method=method, user=user, name=name)
    for field in ("method", "user", "text", "site"):
        query = Query(**{field: asked})
        assert query.may_match_bytes(plain, one.id) or not query.matches(one)


def test_a_payload_without_the_wrapper_says_its_site_by_its_id() -> None:
    plain = pickle.dumps(("shop.sync", None, (), {}), 5)
    one = Job("b.localhost||1", SHORT, "queued", call.read("b.localhost||1", plain, len(plain)))
    assert Query(site="b.localhost").matches(one)
    assert Query(site="b.localhost").may_match_bytes(plain, one.id)


def test_values_that_hold_each_other_cost_little() -> None:
    one, _plain = job()
    endless: list[Any] = []
    endless += [endless] * 1_000 + [1 << 100_000, b"x", None]
    one = dataclasses.replace(
        one, call=dataclasses.replace(one.call, arguments={"x": endless, "y": ["z" * 400_000] * 10_000})
    )
    start = time.process_time()
    assert not Query(text="needle").matches(one)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(("pattern", "name", "fits"), [("a*c", "abc", True), ("a?c", "abc", True), ("B", "abc", True),
                                                       ("a*", "xabc", False), ("[b]*", "b", False)])  # fmt: skip
def test_like(pattern: str, name: str, fits: bool) -> None:
    assert like(pattern, name) is fits


class TestPages:
    def test_deep_pages_are_exact(self, redis: Any, console: Console) -> None:
        ids = bench.fill(redis, 2_000, SHORT) + bench.fill(redis, 500, LONG, name="a.localhost||long-{:04d}".format)
        for page, size in ((1, 20), (100, 20), (101, 20), (5, 500), (4, 499)):
            answer = console.jobs.page(status="queued", page=page, size=size)
            assert [row["id"] for row in answer["jobs"]] == ids[(page - 1) * size : page * size]
            assert (answer["total"], answer["approximate"]) == (2_500, False)
        assert console.jobs.page(status="queued", page=126, size=20)["jobs"] == []
        assert console.jobs.page(queue="long")["total"] == 500

    def test_filters_page_too(self, redis: Any, console: Console) -> None:
        ids = bench.fill(redis, 300)
        wanted = bench.fill(redis, 45, name="a.localhost||wanted-{:02d}".format, data=bench.payload("shop.rare"))
        bench.fill(redis, 300, name="a.localhost||after-{:03d}".format)
        pages = [console.jobs.page(method="shop.rare", page=page, size=20)["jobs"] for page in (1, 2, 3, 4)]
        assert [row["id"] for page in pages for row in page] == wanted
        first, last = (console.jobs.page(method="shop.rare", page=page, size=20) for page in (1, 3))
        assert first["approximate"], "it stopped when the page was full"
        assert (last["total"], last["approximate"]) == (45, False)
        assert console.jobs.page(text=ids[7])["jobs"][0]["id"] == ids[7]

    def test_newest_failures_first(self, redis: Any, console: Console) -> None:
        ids = bench.fill(redis, 3, status="failed")
        redis.delete(keys.queue(SHORT))
        redis.zadd(keys.registry("failed", SHORT), {ids[0]: 30, ids[1]: 10, ids[2]: 20})
        assert [row["id"] for row in console.jobs.page(status="failed")["jobs"]] == [ids[0], ids[2], ids[1]]

    def test_a_vanished_row_is_said(self, redis: Any, console: Console) -> None:
        ids = bench.fill(redis, 3)
        redis.delete(keys.job(ids[1]))
        rows = console.jobs.page()["jobs"]
        assert [(row["id"], row["status"], row["queue"]) for row in rows] == [
            (ids[0], "queued", SHORT),
            (ids[1], "vanished", SHORT),
            (ids[2], "queued", SHORT),
        ]
        assert rows[1]["actions"] == []
        assert console.jobs.search()["jobs"][1]["id"] == ids[2]


class TestSearch:
    @pytest.fixture(autouse=True)
    def time_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs_limits, "SEARCH_SLICE_S", 60.0)

    def test_the_first_slice_ends_with_the_first_hits(self, redis: Any, console: Console) -> None:
        """Whoever searches waits for them, not for a quarter of a second; later slices are whole."""
        ids = bench.fill(redis, 5 * jobs_limits.SEARCH_CHUNK)
        for number in (10, 2 * jobs_limits.SEARCH_CHUNK, 4 * jobs_limits.SEARCH_CHUNK):
            redis.hset(keys.job(ids[number]), "data", bench.payload("shop.rare"))
        first = console.jobs.search(method="shop.rare")
        assert [row["id"] for row in first["jobs"]] == [ids[10]]
        assert first["scanned"] == jobs_limits.SEARCH_CHUNK
        rest = console.jobs.search(method="shop.rare", cursor=first["cursor"])
        assert [row["id"] for row in rest["jobs"]] == [
            ids[2 * jobs_limits.SEARCH_CHUNK],
            ids[4 * jobs_limits.SEARCH_CHUNK],
        ]
        assert rest["cursor"] is None

    def test_a_first_slice_without_hits_goes_on(self, redis: Any, console: Console) -> None:
        ids = bench.fill(redis, 3 * jobs_limits.SEARCH_CHUNK)
        redis.hset(keys.job(ids[-1]), "data", bench.payload("shop.rare"))
        assert [row["id"] for row in console.jobs.search(method="shop.rare")["jobs"]] == [ids[-1]]

    def test_a_slice_ends_with_enough_hits(self, redis: Any, console: Console) -> None:
        ids = bench.fill(redis, 1_200)
        found, cursor, slices = [], None, 0
        while slices == 0 or cursor:
            answer = console.jobs.search(method="say_hello", cursor=cursor)
            found += [row["id"] for row in answer["jobs"]]
            cursor, slices = answer["cursor"], slices + 1
            assert answer["of"] == 1_200
        assert found == ids
        assert slices == 3

    def test_a_cursor_beyond_the_end(self, redis: Any, console: Console) -> None:
        bench.fill(redis, 5)
        answer = console.jobs.search(cursor="100")
        assert (answer["jobs"], answer["cursor"], answer["scanned"]) == ([], None, 5)

    def test_ids_of_other_sites_are_not_read(self, redis: Any, engine: Engine, round_trips: Any) -> None:
        bench.fill(redis, 1_000, name="acme.com.au||{}".format, data=bench.payload(site="acme.com.au"))
        (ours,) = bench.fill(redis, 1, name="acme.com||{}".format, data=bench.payload(site="acme.com"))
        console = engine.console(Viewer("x", site="acme.com"))
        console.snapshot()
        with round_trips() as counted:
            assert [row["id"] for row in console.jobs.search(method="say_hello")["jobs"]] == [ours]
        assert not [sent for sent in counted.sent if b"rq:job:acme.com.au" in sent]

    def test_commands_stay_small(self, redis: redis_py.Redis, console: Console) -> None:
        """The log knows the wall clock alone: what is slow in each of ten tries, no other process disturbed."""
        bench.fill(redis, 20_000)
        redis.config_set("slowlog-log-slower-than", 30_000)

        def slow() -> set[bytes]:
            redis.slowlog_reset()
            cursor = console.jobs.search(text="nothing like it")["cursor"]
            while cursor:
                cursor = console.jobs.search(text="nothing like it", cursor=cursor)["cursor"]
            return {entry["command"] for entry in redis.slowlog_get(128)}

        always = slow()
        for _try in range(9):
            always = always and always & slow()
        assert not always

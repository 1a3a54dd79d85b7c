"""Pages of one site's jobs, and of those that match: exact, and true also where they are not reached in time."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.errors import BadRequest
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.look import limits as look_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from .. import bench
from ..bench import LONG, SHORT


class TestPagesOfASite:
    """Whose a job is, its id says; only the page's own records are read."""

    @pytest.fixture
    def site(self, engine: Engine) -> Console:
        return engine.console(Viewer("sam", site="acme.com"))

    @pytest.fixture
    def mixed(self, redis: Any) -> list[str]:
        """Ours among our neighbours', over two lanes: every third."""
        ours = []
        for lane, count in ((SHORT, 900), (LONG, 300)):
            ids = [f"{('acme.com', 'acme.com.au', 'b.org')[n % 3]}||{lane[6:]}-{n:04d}" for n in range(count)]
            bench.fill(redis, count, lane, name=ids.__getitem__, data=bench.payload(site="acme.com"))
            ours += ids[::3]
        return ours

    @pytest.mark.parametrize("chunk", [1_000, 37])
    def test_pages_are_exact(
        self, redis: Any, site: Console, mixed: list[str], chunk: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(look_limits, "LIST_CHUNK", chunk)
        for page, size in ((1, 20), (2, 20), (15, 20), (16, 20), (20, 20), (21, 20), (2, 300), (7, 61)):
            answer = site.jobs.page(status="queued", page=page, size=size)
            assert [row["id"] for row in answer["jobs"]] == mixed[(page - 1) * size : page * size]
            assert (answer["page"], answer["reached"]) == (page, None)

    def test_the_total_is_exact_at_the_end_and_estimated_before(self, site: Console, mixed: list[str]) -> None:
        last, first = (site.jobs.page(status="queued", page=page) for page in (21, 1))
        assert (last["total"], last["approximate"]) == (400, False)
        assert first["approximate"]
        assert abs(first["total"] - 400) < 10

    def test_only_the_page_is_read(self, site: Console, mixed: list[str], round_trips: Any) -> None:
        site.snapshot()
        with round_trips() as counted:
            shown = [row["id"] for row in site.jobs.page(status="queued", page=3, size=20)["jobs"]]
        assert len(counted) == 2
        read = b"".join(sent for sent in counted.sent if b"EVAL" in sent)
        assert [job_id for job_id in mixed if keys.job(job_id).encode() in read] == shown
        assert b"acme.com.au" not in read

    def test_an_id_that_names_no_site_makes_us_read_records(self, redis: Any, site: Console, mixed: list[str]) -> None:
        for whose in ("acme.com", "b.org"):
            bench.fill(redis, 1, name=lambda _n, whose=whose: f"plain-{whose}", data=bench.payload(site=whose))
        rows = site.jobs.page(queue="short", status="queued", size=500)["jobs"]
        assert [row["id"] for row in rows if "plain" in row["id"]] == ["plain-acme.com"]
        assert [row["id"] for row in rows][:5] == mixed[:5]

    def test_what_only_pretends_to_be_ours_is_not_shown(self, redis: Any, site: Console) -> None:
        (forged,) = bench.fill(redis, 1, name="acme.com||forged-{}".format, data=bench.payload(site="b.org"))
        (ours,) = bench.fill(redis, 1, name="acme.com||ours-{}".format, data=bench.payload(site="acme.com"))
        assert [row["id"] for row in site.jobs.page()["jobs"]] == [ours]
        assert forged.startswith("acme.com||")

    def test_one_that_is_not_reached_in_time_shows_how_far_it_came(
        self, site: Console, mixed: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs_limits, "SITE_PAGE_S", 0.0)
        monkeypatch.setattr(look_limits, "LIST_CHUNK", 37)
        answer = site.jobs.page(status="queued", page=9)
        assert (answer["page"], answer["approximate"], answer["total"]) == (3, True, 402)
        assert answer["reached"] == {"scanned": 185, "of": 1_200, "cursor": "185:62"}
        assert [row["id"] for row in answer["jobs"]] == mixed[40:60], "the last page that it has come through"
        asked = 1
        while answer["reached"]:
            asked, before = asked + 1, answer["reached"]["scanned"]
            answer = site.jobs.page(status="queued", page=9, after=answer["reached"]["cursor"])
            assert answer["reached"] is None or answer["reached"]["scanned"] > before
        assert asked == 3
        assert (answer["page"], [row["id"] for row in answer["jobs"]]) == (9, mixed[160:180])

    @pytest.mark.parametrize("cursor", ["185:162", "1300:20", "40:62"])
    def test_a_cursor_of_another_page_begins_anew(self, cursor: str, site: Console, mixed: list[str]) -> None:
        """Behind the page, or behind all that is there, as when the list has become shorter."""
        answer = site.jobs.page(status="queued", page=2, after=cursor)
        assert [row["id"] for row in answer["jobs"]] == mixed[20:40]

    @pytest.mark.parametrize("cursor", ["x", "185", "-1:0", "1:2:3", "²:1", "1" * 16 + ":0"])
    def test_what_is_no_cursor_is_refused(self, cursor: str, site: Console, mixed: list[str]) -> None:
        with pytest.raises(BadRequest):
            site.jobs.page(status="queued", page=2, after=cursor)

    def test_so_does_one_of_jobs_that_match(
        self, redis: Any, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs_limits, "SEARCH_SLICE_S", 0.0)
        monkeypatch.setattr(jobs_limits, "SEARCH_CHUNK", 50)
        ids = bench.fill(redis, 200)
        answer = console.jobs.page(method="say_hello", page=9)
        assert (answer["page"], [row["id"] for row in answer["jobs"]]) == (2, ids[20:40])
        assert answer["reached"] == {"scanned": 50, "of": 200, "cursor": "50:50"}
        while answer["reached"]:
            answer = console.jobs.page(method="say_hello", page=9, after=answer["reached"]["cursor"])
        assert (answer["page"], [row["id"] for row in answer["jobs"]]) == (9, ids[160:180])

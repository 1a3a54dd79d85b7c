"""What the command line shows: to programs as JSON, and to people."""

from __future__ import annotations

import time
from typing import Any

from rq.suspension import suspend

from job_console.engine.history import marks
from job_console.engine.history.archive import DAY_S, BenchArchive
from job_console.engine.history.marks import Mark
from job_console.engine.redis.link import pipelined
from job_console.engine.service import Engine
from job_console.engine.watch.past_duty import keep_picture
from tests.engine.simulation.recorded import one_by_one, put_away

from .conftest import frappe_job


class TestReading:
    def test_snapshot(self, run: Any, lane: Any, workers: Any) -> None:
        frappe_job(lane)
        done = run("snapshot", "--json")
        assert done.code == 0
        assert not done.err
        (queue,) = done.json["queues"]
        assert queue["name"] == "bench:short"
        assert queue["counts"]["queued"] == 1
        assert queue["head"][0]["method"] == "shop.sync"
        assert done.json["read_only"] is False

    def test_snapshot_for_people(self, run: Any, lane: Any) -> None:
        frappe_job(lane)
        done = run("snapshot")
        assert done.code == 0
        assert "bench:short" in done.out
        assert "\x1b[" not in done.out, "colours are for terminals"

    def test_an_empty_bench(self, run: Any) -> None:
        assert run("snapshot", "--json").json["queues"] == []
        assert "Nothing needs you." in run("snapshot").out
        assert run("jobs").out == "No jobs.\n"
        assert run("audit").out == "Nobody has acted yet.\n"

    def test_jobs_filter_and_page(self, run: Any, lane: Any) -> None:
        for number in range(5):
            frappe_job(lane, f"a.localhost||{number}", f"shop.{'odd' if number % 2 else 'even'}")
        page = run("jobs", "--method", "*.even", "--size", "2", "--json").json
        assert [job["id"] for job in page["jobs"]] == ["a.localhost||0", "a.localhost||2"]
        assert page["total"] == 3
        assert run("jobs", "--status", "failed", "--json").json["jobs"] == []

    def test_search(self, run: Any, lane: Any) -> None:
        frappe_job(lane, "a.localhost||one", name="ACC-SINV-2026-00042")
        frappe_job(lane, "a.localhost||two")
        found = run("search", "ACC-SINV-2026-00042", "--json").json
        assert [job["id"] for job in found["jobs"]] == ["a.localhost||one"]
        assert found["cursor"] is None
        assert "1 hit; " in run("search", "00042").out

    def test_show(self, run: Any, lane: Any) -> None:
        frappe_job(lane, password="hunter2", item="WIDGET-7")
        document = run("show", "a.localhost||one", "--json").json
        assert document["method"] == "shop.sync"
        assert document["arguments"]["item"] == "WIDGET-7"
        assert document["position"] == 1
        for done in (run("show", "a.localhost||one"), run("show", "a.localhost||one", "--json")):
            assert "hunter2" not in done.out
            assert "WIDGET-7" in done.out

    def test_show_with_a_traceback(self, run: Any, lane: Any, workers: Any, wait_until: Any) -> None:
        job = lane.enqueue("tests.jobs.fail", "no stock \x1b[31m")
        workers.start(lane.name)
        wait_until(lambda: job.get_status(refresh=True) == "failed")
        done = run("show", job.id)
        assert "ValueError" in done.out
        assert "in fail" in done.out
        assert "\x1b" not in done.out

    def test_warnings_are_proven_within_one_call(self, run: Any, lane: Any, redis: Any) -> None:
        job = frappe_job(lane, "a.localhost||ghost")
        redis.lrem(lane.key, 1, job.id)
        redis.hset(job.key, mapping=dict.fromkeys(("created_at", "enqueued_at"), "2026-01-01T00:00:00.000000Z"))
        found = run("warnings", "--json").json["warnings"]
        assert [(each["code"], each["job_id"]) for each in found] == [("ghost_queued", job.id)]
        assert run("snapshot", "--json").json["health"]["verdict"] != "ok"

    def test_how_much_was_surveyed(self, run: Any, lane: Any) -> None:
        frappe_job(lane)
        for verb in ("warnings", "snapshot"):
            done = run(verb, "--deep", "--json")
            assert (done.json["surveyed"]["share"], done.json["surveyed"]["of"]) == (1.0, 1)
            assert not done.err, "the bar is for terminals"
        assert "Surveyed all 1 waiting job: just now." in run("warnings").out
        assert run("snapshot", "--deep", "--quick").code == 2


class TestExplaining:
    def test_the_contract(self, run: Any, lane: Any) -> None:
        job = frappe_job(lane)
        said = run("explain", job.id, "--json")
        assert (said.code, said.err) == (0, "")
        document = said.json
        assert (document["job_id"], document["state"], document["position"]) == (job.id, "queued", 1)
        assert document["because"][0] == "No worker serves short. The whole bench has none."
        assert document["expected_start_s"] is None
        assert document["remedies"] == []

    def test_for_people(self, run: Any, lane: Any, redis: Any) -> None:
        job = frappe_job(lane)
        suspend(redis)
        said = run("explain", job.id).out.splitlines()
        assert said[0] == f"shop.sync  queued  {job.id}"
        assert said[1].startswith("All workers are suspended")
        assert said[2] == "    Resume: job-console resume"

    def test_nobody(self, run: Any) -> None:
        assert run("explain", "nobody").code == 4

    def test_what_was_changed_stands_below_the_metrics(self, run: Any, lane: Any, redis: Any) -> None:
        assert "changed" not in run("metrics-history").out
        now, pipeline = time.time(), pipelined(redis)
        marks.write(pipeline, "", [Mark(now - 90, "suspended"), Mark(now - 30, "resumed")], now)
        pipeline.execute()
        shown = run("metrics-history", "--last", "15m").out
        assert shown.index("the suspension of the bench ended") < shown.index("the bench was suspended")
        found = run("metrics-history", "--json").json
        assert [(each["kind"], each["site"]) for each in found["marks"]] == [("suspended", None), ("resumed", None)]
        assert found["marks_left_out"] == 0


class TestPast:
    def test_as_it_was_and_a_gap(self, run: Any, lane: Any, redis: Any) -> None:
        job = frappe_job(lane)
        engine = Engine(redis)
        look = engine.watch.look()
        keep_picture(engine, look)
        job.delete()
        at = look.bench.at.isoformat()
        then = run("past", at, "--json").json["snapshot"]
        assert then["queues"][0]["head"][0]["id"] == job.id
        text = run("past", at).out
        assert text.startswith("As it was at ")
        assert "Nothing here can be acted on." in text
        assert "To silence" not in text
        assert "bench:short" in text
        gap = run("past", "yesterday 0:01").out
        assert "There is no picture of " in gap
        assert "The nearest one before it: none" in gap
        assert run("past", "9d").code == 2
        assert run("past", "tea").code == 2


class TestReport:
    def test_a_week_as_text_and_as_json(self, run: Any, redis: Any) -> None:
        kept, day = BenchArchive(redis), int(time.time()) // DAY_S * DAY_S - DAY_S
        methods = {"shop.sync": {"bench:short": {"k": 80, "f": 20, "s": 90_000, "W180": 100}}}
        kept.put("day", {day: methods}, {day: {"a.localhost": methods["shop.sync"]}})
        found = run("report", "--json").json
        assert found["total"]["now"] == {"runs": 100, "failed": 20, "timed_out": 0, "worker_s": 90.0}
        assert [each["code"] for each in found["advice"]] == ["fails_often"]
        text = run("report").out
        assert "shop.sync failed in 20 of 100 runs." in text
        assert "Of the week before nothing is known" in text
        assert "1 min 30 s of workers' time" in text
        assert run("report", "--until", "soon").code == 2


class TestWhatIf:
    def test_one_worker_more_and_the_least_that_keeps_a_goal(self, run: Any, redis: Any, workers: Any) -> None:
        workers.start("bench:short")
        now = int(time.time()) // DAY_S * DAY_S
        put_away(redis, one_by_one(days=8, a_day=400, run_s=150.0, workers=1, now=now, lane="bench:short"), now)
        found = run("what-if", "--workers", "short:+1", "--json").json
        assert found["workers"]["then"] == [{"queues": ["short"], "count": 2}]
        (queue,) = found["queues"]
        assert queue["then_s"]["p90"] < queue["now_s"]["p90"] / 2
        assert found["keep"] is None
        text = run("what-if", "--keep", "short=5m").out
        assert "short keeps 90 of 100 jobs below 5 min on 0 of 100 days: too few." in text
        assert "--workers 'short:+1'" in text
        assert "drawn from 7 recorded ones" in text

    def test_what_cannot_be_is_refused(self, run: Any, redis: Any, workers: Any) -> None:
        workers.start("bench:short")
        for asked, said in (
            (("--workers", "other:+1"), "There is no queue other."),
            (("--move", "shop.sync=short"), "No run of shop.sync is known."),
            (("--schedule", "nightly=* * * * *"), "There is no schedule nightly that runs."),
        ):
            refused = run("what-if", *asked)
            assert refused.code == 2
            assert said in refused.err
        assert "there is no telling" in run("what-if").out

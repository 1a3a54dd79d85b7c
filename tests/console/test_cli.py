"""The command line as a process: its exit codes, and what it prints where."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rq.suspension import suspend

from job_console.console.embedded import Embedded
from job_console.engine.models.policies import Policy
from job_console.engine.policies import store
from job_console.engine.redis import keys
from tests import jobs as work
from tests.support.processes import ROOT

from .conftest import COMMAND, clean_environment


def frappe_job(lane: Any, job_id: str = "a.localhost||one", method: str = "shop.sync", **arguments: Any) -> Any:
    kwargs = work.wrapped(method, **arguments)
    return lane.enqueue_call(work.WRAPPER, kwargs=kwargs, job_id=job_id, timeout=300)


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


class TestActing:
    def test_cancel_and_the_audit_of_it(self, run: Any, lane: Any) -> None:
        job = frappe_job(lane)
        done = run("cancel", job.id, "--reason", "asked by ops", "--json")
        assert done.code == 0
        (result,) = done.json["results"]
        assert (result["ok"], result["state_before"], result["state_after"]) == (True, "queued", "canceled")
        assert job.get_status(refresh=True) == "canceled"
        (entry,) = run("audit", "--json").json["entries"]
        assert (entry["action"], entry["job_id"], entry["reason"]) == ("cancel", job.id, "asked by ops")
        assert entry["actor"].endswith("@" + socket.gethostname())

    def test_refused_by_the_state(self, run: Any, lane: Any) -> None:
        job = frappe_job(lane)
        done = run("stop", job.id)
        assert done.code == 3
        assert "queued" in done.out

    def test_no_such_job(self, run: Any) -> None:
        assert run("cancel", "nobody").code == 4
        done = run("show", "nobody", "--json")
        assert (done.code, done.out) == (4, "")
        assert "nobody" in done.err

    def test_of_many_what_can_be_done_is_done(self, run: Any, lane: Any) -> None:
        good, also = frappe_job(lane, "a.localhost||1"), frappe_job(lane, "a.localhost||2")
        assert run("cancel", good.id).code == 0
        done = run("cancel", good.id, "nobody", also.id, "--json")
        assert [result["ok"] for result in done.json["results"]] == [False, False, True]
        assert done.code == 4, "a job that does not exist outweighs one that refused"
        assert run("cancel", good.id, also.id).code == 3
        assert also.get_status(refresh=True) == "canceled"

    def test_front_move_retry_delete(self, run: Any, lane: Any, redis: Any) -> None:
        from rq import Queue

        other = Queue("bench:long", connection=redis)
        frappe_job(other, "a.localhost||other")
        first, second = frappe_job(lane, "a.localhost||1"), frappe_job(lane, "a.localhost||2")
        assert run("front", second.id).code == 0
        assert lane.job_ids == [second.id, first.id]
        assert run("move", first.id, "--to", "bench:long").code == 0
        assert other.job_ids == ["a.localhost||other", first.id]
        assert run("cancel", second.id).code == 0
        assert run("retry", second.id).code == 0
        assert second.get_status(refresh=True) == "queued"
        assert run("delete", second.id).code == 0
        assert not redis.exists(second.key)

    def test_show_tells_the_policy(self, run: Any, lane: Any, redis: Any) -> None:
        job = frappe_job(lane, "a.localhost||1")
        policy = Policy("Sync shops", "method", "shop.sync", idempotency="unsafe")
        store.publish(redis, "a.localhost", [policy], store.take_ticket(redis))
        shown = run("show", job.id).out
        assert "policy Sync shops" in shown
        assert "It is not safe to repeat." in shown

    def test_retry_with_other_arguments(self, run: Any, lane: Any) -> None:
        job = frappe_job(lane, "a.localhost||1", customer="C-1")
        assert run("cancel", job.id).code == 0
        done = run("retry", job.id, "--set", 'customer={"deep": [1]}', "--json")
        new = done.json["results"][0]["new_job_id"]
        assert run("show", new, "--json").json["arguments"]["customer"] == {"deep": [1]}
        assert run("retry", job.id, "--set", "customer=plain words", "--json").code == 0
        assert run("retry", job.id, "--set", "nothing=1").code == 2
        assert run("retry", job.id, "--set", "no sign").code == 2
        assert run("retry", job.id, new, "--set", "customer=1").code == 2
        assert job.get_status(refresh=True) == "canceled"

    def test_stop_ends_a_running_job(self, run: Any, lane: Any, workers: Any, wait_until: Any) -> None:
        worker = workers.start(lane.name)
        job = lane.enqueue("tests.jobs.hang")
        wait_until(lambda: job.get_status(refresh=True) == "started" and workers.horses(worker))
        done = run("stop", job.id, "--json")
        assert done.code == 0
        assert done.json["results"][0]["state_after"] in ("stopped", "failed")
        wait_until(lambda: not workers.horses(worker))

    def test_more_time_and_hand_over(self, run: Any, lane: Any, redis: Any, workers: Any, wait_until: Any) -> None:
        job = lane.enqueue("tests.engine.chunked.steps", 1_000, True, job_timeout=300)
        workers.start(lane.name)
        wait_until(lambda: redis.exists(keys.progress(job.id)))
        done = run("more-time", job.id)
        assert done.code == 0
        assert "It has 45 s more." in done.out
        assert run("more-time", job.id).code == 3, "once"
        assert run("hand-over", job.id).code == 0

    def test_resume(self, run: Any, lane: Any, redis: Any) -> None:
        frappe_job(lane)
        suspend(redis)
        assert run("snapshot", "--quick", "--json").json["suspended"] is True
        assert run("resume").code == 0
        assert run("snapshot", "--quick", "--json").json["suspended"] is False
        assert run("resume").code == 3

    def test_clear_an_orphan(self, run: Any, lane: Any, redis: Any) -> None:
        frappe_job(lane)
        redis.lpush(lane.key, "gone")
        assert run("clear", "gone", "--queue", lane.name).code == 0
        assert lane.job_ids == ["a.localhost||one"]


class TestWrongUsage:
    @pytest.mark.parametrize(
        "words",
        [
            ["frobnicate"],
            ["jobs", "--size", "many"],
            ["jobs", "--status", "sleepy"],
            ["jobs", "--size", "100000"],
            ["cancel"],
            ["move", "x"],
            ["serve", "--host", "0.0.0.0"],
            ["serve", "--token", "short"],
        ],
    )
    def test_exit_code_2(self, run: Any, words: list[str]) -> None:
        done = run(*words)
        assert done.code == 2
        assert done.out == ""
        assert done.err
        assert "Traceback" not in done.err

    def test_an_unknown_queue_to_move_to(self, run: Any, lane: Any) -> None:
        job = frappe_job(lane)
        done = run("move", job.id, "--to", "bench:nowhere")
        assert done.code == 2
        assert "bench:nowhere" in done.err
        assert lane.job_ids == [job.id]

    @pytest.mark.parametrize("url", ["http://:pa55word@127.0.0.1:1", "redis://:pa55word@127.0.0.1:port", "nonsense"])
    def test_an_address_that_is_none(self, run: Any, url: str) -> None:
        done = run("snapshot", url=url)
        assert done.code == 2
        assert "pa55word" not in done.err
        assert "Traceback" not in done.err


class TestRedisTrouble:
    def test_down_at_the_start(self, run: Any) -> None:
        done = run("snapshot", "--json", url="redis://:pa55word@127.0.0.1:1")
        assert (done.code, done.out) == (5, "")
        assert "pa55word" not in done.err
        assert "127.0.0.1:1" in done.err
        assert len(done.err.splitlines()) == 1

    @pytest.mark.parametrize("login", ["", ":wrong-0815@"])
    def test_a_password_that_is_missing_or_wrong(self, run: Any, locked_server: Embedded, login: str) -> None:
        done = run("snapshot", url=f"redis://{login}127.0.0.1:{locked_server.port}")
        assert done.code == 5
        assert "password" in done.err
        assert "wrong-0815" not in done.err

    def test_the_right_password(self, run: Any, locked_server: Embedded) -> None:
        done = run("snapshot", "--json", url=None, JOB_CONSOLE_REDIS=locked_server.url)
        assert done.code == 0
        assert str(locked_server.password) not in done.out + done.err

    def test_it_stops_answering_in_the_middle(self, own_server: Embedded) -> None:
        """A server that takes the connection and then says nothing, as a frozen one does."""
        with frozen(own_server.pid):
            began = subprocess.run(
                [*COMMAND, "--redis", f"{own_server.url}?socket_timeout=1", "snapshot"],
                cwd=ROOT,
                env=clean_environment(),
                capture_output=True,
                text=True,
                timeout=240,
            )
        assert began.returncode == 5
        assert "does not answer" in began.stderr

    def test_it_goes_away_between_the_pages_of_a_search(self, own_server: Embedded, run: Any) -> None:
        os.kill(own_server.pid, signal.SIGKILL)
        assert run("search", "x", url=own_server.url).code == 5


@contextlib.contextmanager
def frozen(pid: int) -> Any:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_the_bench_around_us(run: Any, server: Embedded, lane: Any, tmp_path: Path) -> None:
    frappe_job(lane)
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "common_site_config.json").write_text(json.dumps({"redis_queue": server.url}))
    assert run("snapshot", "--json", url=None, cwd=tmp_path / "sites").json["queues"][0]["name"] == lane.name


def test_a_reader_that_goes_away_is_no_error(lane: Any, server: Embedded) -> None:
    for number in range(200):
        frappe_job(lane, f"a.localhost||{number}", filler="x" * 400)
    command = " ".join([*COMMAND, "--redis", server.url, "jobs", "--size", "200", "--json"])
    done = subprocess.run(
        ["sh", "-c", f"{command} | head -c 10"], cwd=ROOT, env=clean_environment(), capture_output=True, timeout=240
    )
    assert b"Traceback" not in done.stderr


class TestMending:
    def test_a_rehearsal_and_the_real_thing(self, run: Any, lane: Any, redis: Any) -> None:
        redis.sadd("rq:queues", lane.key)
        redis.rpush(lane.key, "without-a-record")
        said = run("mend", "--dry-run", "--json")
        assert (said.code, said.json["dry_run"]) == (0, True)
        assert [(result["code"], result["ok"]) for result in said.json["results"]] == [("orphan_id", True)]
        assert redis.llen(lane.key)
        assert "would be done" in run("mend", "--dry-run").out
        done = run("mend")
        assert done.code == 0
        assert re.fullmatch(r"job-console: Redis 127\.0\.0\.1:\d+/0, from --redis\.\n", done.err)
        assert "orphan → gone" in done.out
        assert not redis.llen(lane.key)
        assert run("mend").out == "Nothing needs to be mended.\n"

    def test_what_it_cannot_mend_is_left(self, run: Any, lane: Any, redis: Any) -> None:
        job = frappe_job(lane)
        redis.hset(job.key, "data", b"no pickle")
        done = run("mend")
        assert done.code == 0
        assert "Left for you:" in done.out
        assert "undecodable" in done.out


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


class TestOneWarning:
    @pytest.fixture
    def ghosts(self, lane: Any, redis: Any) -> list[str]:
        """Two records of one method that say queued, and stand nowhere."""
        jobs = [frappe_job(lane, f"a.localhost||g{number}") for number in range(2)]
        for job in jobs:
            redis.hset(job.key, mapping=dict.fromkeys(("created_at", "enqueued_at"), "2026-01-01T00:00:00.000000Z"))
        redis.delete(lane.key)
        return [job.id for job in jobs]

    def test_the_command_that_is_printed_mends_all(self, run: Any, lane: Any, redis: Any, ghosts: list[str]) -> None:
        printed = next(line for line in run("warnings").out.splitlines() if "job-console remedy" in line)
        words = shlex.split(printed.partition("job-console ")[2])
        done = run(*words, "--json")
        assert done.code == 0
        assert sorted(each["job_id"] for each in done.json["results"] if each["ok"]) == ghosts
        assert redis.llen(lane.key) == 2
        assert run(*words).code == 4  # it has ended

    def test_it_can_wait(self, run: Any, ghosts: list[str]) -> None:
        printed = run("warnings").out.splitlines()[-1]
        words = shlex.split(printed.partition("job-console ")[2])
        assert words[0] == "acknowledge"
        assert "acknowledged by " in run(*words, "--reason", "at it").out
        assert "acknowledged by " in run("warnings").out
        snoozed = run("snooze", words[1], "--for", "2h", "--json").json
        assert (snoozed["silenced"], snoozed["code"]) == ("snoozed", "ghost_queued")
        assert run("mute", words[1]).code == 0
        assert "is told again" in run("unmute", words[1]).out
        assert run("snooze", words[1], "--for", "soon").code == 2
        assert run("mute", "0123456789abcdef").code == 4
        actions = [entry["action"] for entry in run("audit", "--json").json["entries"]]
        assert actions == ["unmute", "mute", "snooze", "acknowledge"]

"""What the command line does: to jobs, and about warnings."""

from __future__ import annotations

import re
import shlex
import socket
from typing import Any

import pytest
from rq.suspension import suspend

from job_console.engine.models.policies import Policy
from job_console.engine.policies import store
from job_console.engine.redis import keys

from .conftest import frappe_job


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
        job = lane.enqueue("tests.engine.chunked.steps", 100_000, True, job_timeout=300)
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

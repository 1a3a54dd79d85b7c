"""The HTTP server on a real port: its calls, and a Redis that goes away."""

from __future__ import annotations

import gzip
import os
import signal
import socket
from typing import Any

import pytest

from job_console.console.embedded import embedded_server, free_port
from tests import jobs as work
from tests.support.site import serving


class TestCalls:
    def test_reading(self, site: Any, job: Any) -> None:
        assert site.get("/api/snapshot").json["queues"][0]["head"][0]["id"] == job.id
        assert site.get("/api/jobs?queue=bench:short&status=&size=5").json["total"] == 1
        assert site.get("/api/search?method=shop.sync").json["jobs"][0]["id"] == job.id
        assert site.get("/api/show?job_id=a.localhost%7C%7Cone").json["position"] == 1
        assert (
            site.get("/api/explain?job_id=a.localhost%7C%7Cone").json["because"][0].startswith("No worker serves short")
        )
        assert site.get("/api/warnings").json["warnings"] == []
        assert site.get("/api/audit").json["entries"] == []

    def test_acting(self, site: Any, job: Any) -> None:
        answer = site.act("cancel", job.id, reason="asked")
        assert answer.status == 200
        assert answer.json["results"][0]["state_after"] == "canceled"
        assert job.get_status(refresh=True) == "canceled"
        assert site.get("/api/audit").json["entries"][0]["actor"] == "tester@here"

    def test_a_run_is_named_by_its_start(self, site: Any, job: Any) -> None:
        said = site.ask(
            "POST", "/api/act", {"action": "stop", "job_ids": [job.id], "started_at": "2026-01-01T00:00:00Z"}
        )
        (result,) = said.json["results"]
        assert (said.status, result["ok"], result["state_after"]) == (200, False, "queued")

    def test_mending(self, site: Any, redis: Any) -> None:
        redis.sadd("rq:queues", "rq:queue:short")
        redis.rpush("rq:queue:short", "without-a-record")
        said = site.ask("POST", "/api/mend", {"dry_run": True})
        assert [result["action"] for result in said.json["results"]] == ["clear"]
        assert redis.llen("rq:queue:short")
        assert site.ask("POST", "/api/mend", {}).json["results"][0]["ok"]
        assert not redis.llen("rq:queue:short")
        assert site.ask("POST", "/api/mend", {"dry_run": "no"}).status == 400
        assert site.ask("POST", "/api/mend", b"{}").status == 415
        assert site.get("/api/mend").status == 405

    def test_one_warning(self, site: Any, redis: Any) -> None:
        redis.set("rq:suspended", 1)
        (warning,) = site.get("/api/warnings").json["warnings"]
        call = {"warning": warning["id"], "how": "snooze", "seconds": 60, "reason": "a test"}
        put = site.ask("POST", "/api/silence_warning", call).json
        assert (put["silenced"], put["code"], put["silence_reason"]) == ("snoozed", "suspended", "a test")
        (warning,) = site.get("/api/warnings").json["warnings"]
        assert (warning["silenced"], warning["until"]) == ("snoozed", put["until"])
        assert site.ask("POST", "/api/silence_warning", {**call, "seconds": "long"}).status == 400
        assert site.ask("POST", "/api/silence_warning", {**call, "warning": "0" * 16}).status == 404
        assert site.ask("POST", "/api/remedy", {"warning": warning["id"], "action": "stop"}).status == 400
        call = {"warning": warning["id"], "action": "resume", "reason": "a test"}
        assert site.ask("POST", "/api/remedy", call).json["results"][0]["ok"]
        assert not redis.exists("rq:suspended")
        assert site.get("/api/remedy").status == 405

    def test_edit_and_retry(self, site: Any, lane: Any) -> None:
        kwargs = work.wrapped("shop.sync", customer="C-1")
        job = lane.enqueue_call(work.WRAPPER, kwargs=kwargs, job_id="a.localhost||failed")
        site.act("cancel", job.id)
        wanted = {"job_id": job.id, "changes": {"customer": "C-2"}, "reason": "the wrong one"}
        (result,) = site.ask("POST", "/api/retry_edited", wanted).json["results"]
        assert result["ok"]
        new_id = result["new_job_id"].replace("|", "%7C")
        assert site.get(f"/api/show?job_id={new_id}").json["arguments"] == {"customer": "C-2"}
        reported = site.get("/api/audit").json["entries"][0]
        assert (reported["action"], reported["reason"]) == (
            "edit_and_retry",
            "the wrong one. Changed customer: 'C-1' → 'C-2'",
        )
        for nonsense in (
            {"changes": {"a": 1}},
            {"job_id": job.id},
            {"job_id": job.id, "changes": [1]},
            {**wanted, "x": 1},
        ):
            assert site.ask("POST", "/api/retry_edited", nonsense).status == 400
        assert site.ask("POST", "/api/retry_edited", {**wanted, "job_id": "nobody"}).status == 404
        assert site.get("/api/retry_edited").status == 405

    @pytest.mark.parametrize(
        ("path", "status", "kind"),
        [
            ("/api/show?job_id=nobody", 404, "NoSuchJob"),
            ("/api/show", 400, "BadRequest"),
            ("/api/jobs?size=many", 400, "BadRequest"),
            ("/api/jobs?status=sleepy", 400, "BadRequest"),
            ("/api/jobs?colour=red", 400, "BadRequest"),
            ("/api/frobnicate", 404, "NotFound"),
            ("/api/act", 405, "MethodNotAllowed"),
        ],
    )
    def test_errors_are_json(self, site: Any, path: str, status: int, kind: str) -> None:
        answer = site.get(path)
        assert answer.status == status
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json["error"]["type"] == kind
        assert answer.json["error"]["message"]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{",
            {"action": "cancel", "job_ids": "x"},
            {"action": 7, "job_ids": ["x"]},
            {"extra": 1},
            {"action": "stop", "job_ids": ["x"], "started_at": 1},
        ],
    )
    def test_nonsense_is_a_bad_request(self, site: Any, body: Any) -> None:
        answer = site.ask("POST", "/api/act", body, {"Content-Type": "application/json"})
        assert (answer.status, answer.json["error"]["type"]) == (400, "BadRequest")

    def test_a_body_of_megabytes_is_not_read(self, site: Any) -> None:
        answer = site.ask("POST", "/api/act", b"[" * 2_000_000, {"Content-Type": "application/json"})
        assert answer.status == 413

    def test_large_answers_are_compressed(self, site: Any, lane: Any) -> None:
        for number in range(30):
            lane.enqueue_call(work.WRAPPER, kwargs=work.wrapped("shop.sync"), job_id=f"a.localhost||{number}")
        answer = site.get("/api/jobs?size=30", Accept_Encoding="gzip")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.body).startswith(b'{"total":30')
        assert "Content-Encoding" not in site.get("/api/jobs").headers


class TestRedisTrouble:
    def test_it_goes_away_and_comes_back(self, wait_until: Any) -> None:
        port = free_port()
        with embedded_server(port=port) as first, serving(first.url) as site:
            assert site.get("/api/snapshot").status == 200
            os.kill(first.pid, signal.SIGKILL)
            answer = wait_until(lambda: (got := site.get("/api/snapshot")).status == 503 and got)
            assert answer.json["error"]["type"] == "RedisUnavailable"
            with embedded_server(port=port):
                wait_until(lambda: site.get("/api/snapshot").status == 200)

    def test_it_was_never_there(self) -> None:
        with serving("redis://:pa55word@127.0.0.1:1") as site:
            answer = site.get("/api/snapshot")
            assert answer.status == 503
            assert b"pa55word" not in answer.body


def test_a_taken_port_is_said(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.code == 2
    assert f"port {port}" in done.err


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("failure_jobs", "group is missing."),
        ("schedule_preview?site=a", "cron is missing."),
        ("audit?page=419670368842265418268672", "page is too large."),
    ],
)
def test_arguments_that_make_no_sense_are_no_fault_of_the_server(site: Any, path: str, said: str) -> None:
    answer = site.get(f"/api/{path}")
    assert (answer.status, answer.json["error"]["message"]) == (400, said)

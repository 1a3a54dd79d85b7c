"""The HTTP server on a real port: its calls, and whom it turns away."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from job_console.console import page
from job_console.console.auth import guard
from job_console.console.embedded import Embedded, embedded_server, free_port
from job_console.engine.errors import BadRequest
from tests import jobs as work
from tests.support.site import serving

TOKEN = "a-token-of-some-length"


@pytest.fixture
def job(lane: Any) -> Any:
    return lane.enqueue_call(work.WRAPPER, kwargs=work.wrapped("shop.sync"), job_id="a.localhost||one", timeout=300)


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

    def test_health(self, site: Any) -> None:
        assert (site.get("/healthz").status, site.get("/healthz").json) == (200, {"status": "ok"})


class TestRedisTrouble:
    def test_it_goes_away_and_comes_back(self, wait_until: Any) -> None:
        port = free_port()
        with embedded_server(port=port) as first, serving(first.url) as site:
            assert site.get("/api/snapshot").status == 200
            os.kill(first.pid, signal.SIGKILL)
            answer = wait_until(lambda: (got := site.get("/api/snapshot")).status == 503 and got)
            assert answer.json["error"]["type"] == "RedisUnavailable"
            assert site.get("/healthz").status == 503
            with embedded_server(port=port):
                wait_until(lambda: site.get("/api/snapshot").status == 200)
                assert site.get("/healthz").status == 200

    def test_it_was_never_there(self) -> None:
        with serving("redis://:pa55word@127.0.0.1:1") as site:
            answer = site.get("/api/snapshot")
            assert answer.status == 503
            assert b"pa55word" not in answer.body


class TestWithoutToken:
    @pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", ""])
    def test_other_names_are_turned_away(self, site: Any, host: str) -> None:
        """A page whose name was made to resolve to 127.0.0.1 sends that name as its Host."""
        for path in ("/api/snapshot", "/"):
            assert site.get(path, Host=host).status == 403

    @pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:1", "[::1]:8085", "a.localhost"])
    def test_loopback_by_any_name_and_port(self, site: Any, host: str) -> None:
        """Also through a tunnel, where the port is another one."""
        assert site.get("/api/snapshot", Host=host).status == 200

    def test_only_loopback_may_go_without(self) -> None:
        for host in ("0.0.0.0", "10.0.0.1", "bench.example", "::"):
            with pytest.raises(BadRequest, match="token"):
                guard(host, None)
        for host in ("127.0.0.1", "::1", "localhost"):
            guard(host, None)


class TestCrossSite:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_another_site_cannot_act(self, site: Any, job: Any, headers: dict[str, str]) -> None:
        answer = site.act("cancel", job.id, headers=headers)
        assert answer.status == 403
        assert job.get_status(refresh=True) == "queued"

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
    def test_nor_can_a_form(self, site: Any, job: Any, kind: str) -> None:
        answer = site.act("cancel", job.id, headers={"Content-Type": kind})
        assert answer.status == 415
        assert job.get_status(refresh=True) == "queued"

    def test_nor_a_request_hidden_in_the_body_of_another(self, site: Any, job: Any) -> None:
        """A refused body must not be taken for the next request of a kept connection: that one would be our own."""
        act = json.dumps({"action": "cancel", "job_ids": [job.id]})
        hidden = (
            "POST /api/act HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(act)}\r\n\r\n{act}"
        )
        outer = (
            "POST /api/act HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(hidden)}\r\n\r\n{hidden}"
        )
        with socket.create_connection(("127.0.0.1", site.port), timeout=60) as connection:
            connection.sendall(outer.encode())
            answers = b""
            with contextlib.suppress(ConnectionError):
                while part := connection.recv(65536):
                    answers += part
        assert answers.count(b"HTTP/1.1 ") == 1
        assert b"403" in answers.splitlines()[0]
        assert job.get_status(refresh=True) == "queued"

    def test_nor_a_link(self, site: Any, job: Any) -> None:
        assert site.get(f"/api/act?action=cancel&job_ids={job.id}").status == 405
        assert job.get_status(refresh=True) == "queued"

    def test_another_site_cannot_read(self, site: Any) -> None:
        assert site.get("/api/snapshot", Sec_Fetch_Site="cross-site").status == 403
        assert site.get("/api/events", Sec_Fetch_Site="cross-site").status == 403

    def test_our_own_page_can(self, site: Any, job: Any) -> None:
        own = {"Origin": f"http://127.0.0.1:{site.port}", "Sec-Fetch-Site": "same-origin"}
        assert site.act("cancel", job.id, headers=own).status == 200


class TestToken:
    @pytest.fixture
    def site(self, server: Embedded, redis: Any) -> Any:
        with serving(server.url, token=TOKEN) as running:
            yield running

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Basic {TOKEN}"},
            {"Authorization": f"Bearer {TOKEN}x"},
            {"Cookie": "job_console_80=wrong"},
        ],
    )
    def test_nothing_without_it(self, site: Any, job: Any, headers: dict[str, str]) -> None:
        for path in ("/api/snapshot", "/api/events", "/api/audit"):
            assert site.ask("GET", path, headers=headers).status == 401
        assert site.act("cancel", job.id, headers=headers).status == 401
        assert b"<form" in site.ask("GET", "/jobs", headers=headers).body
        assert job.get_status(refresh=True) == "queued"

    def test_programs_send_it(self, site: Any, job: Any) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert site.ask("GET", "/api/snapshot", headers=headers).status == 200
        assert site.act("cancel", job.id, headers=headers).status == 200

    def test_a_link_signs_in_and_hides_the_token(self, site: Any) -> None:
        answer = site.get(f"/jobs?token={TOKEN}")
        assert (answer.status, answer.headers["Location"]) == (303, "./jobs")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert site.get("/api/snapshot", Cookie=cookie.partition(";")[0]).status == 200

    def test_a_form_signs_in(self, site: Any) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = site.ask("POST", "/sign-in", f"token={TOKEN}".encode(), form)
        assert answer.status == 303
        assert site.get("/api/jobs", Cookie=answer.headers["Set-Cookie"].partition(";")[0]).status == 200
        assert site.ask("POST", "/sign-in", b"token=guess", form).status == 401
        cross = site.ask("POST", "/sign-in", f"token={TOKEN}".encode(), {**form, "Origin": "https://evil.example"})
        assert cross.status == 403

    def test_the_name_of_the_host_does_not_matter_then(self, site: Any) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Host": "bench.example"}
        assert site.ask("GET", "/api/snapshot", headers=headers).status == 200

    def test_health_needs_none_and_tells_nothing(self, site: Any) -> None:
        assert site.get("/healthz").json == {"status": "ok"}


def test_read_only(server: Embedded, job: Any) -> None:
    with serving(server.url, may_act=False) as site:
        assert site.get("/api/snapshot").json["read_only"] is True
        answer = site.act("cancel", job.id)
        assert (answer.status, answer.json["error"]["type"]) == (403, "Forbidden")
        assert job.get_status(refresh=True) == "queued"


class TestPageOfABench:
    """Built by `bench build`, whose esbuild puts the styles into the script."""

    @pytest.fixture(autouse=True)
    def built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        bundle = tmp_path / "job_console_web.bundle.AAAA.js"
        bundle.write_text('frappe.dom.set_style(".a{content:\\"x\\"}");\n(()=>{1})();\n//# sourceMappingURL=x')
        monkeypatch.setattr(page, "STATIC", tmp_path / "nothing")
        monkeypatch.setattr(page, "BENCH_BUILT", tmp_path)
        return tmp_path

    def test_the_page_and_its_assets(self, site: Any) -> None:
        answer = site.get("/")
        assert answer.headers["Content-Type"].startswith("text/html")
        html = site.get("/jobs").body.decode()
        assert html == answer.body.decode()
        assert 'href="assets/job_console_web.bundle.AAAA.css"' in html
        assert 'src="assets/job_console_web.bundle.AAAA.js"' in html
        styles = site.get("/assets/job_console_web.bundle.AAAA.css")
        assert (styles.body, styles.headers["Content-Type"]) == (b'.a{content:"x"}', "text/css; charset=utf-8")
        assert site.get("/assets/job_console_web.bundle.AAAA.js").body.startswith(b"(()=>{1})();")
        assert site.get("/assets/other.js").status == 404

    def test_nothing_was_built(self, site: Any, built: Path) -> None:
        (built / "job_console_web.bundle.AAAA.js").unlink()
        answer = site.get("/")
        assert answer.status == 503
        assert b"bench build" in answer.body


class TestPage:
    @pytest.fixture(autouse=True)
    def built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A page as Vite lays it out; the real one is driven in tests/browser."""
        (tmp_path / "assets").mkdir()
        (tmp_path / "index.html").write_text("<title>Job Monitor</title>")
        (tmp_path / "assets" / "app-1a2b.js").write_text("1")
        (tmp_path.parent / "secret.txt").write_text("secret")
        monkeypatch.setattr(page, "STATIC", tmp_path)
        return tmp_path

    @pytest.mark.parametrize("path", ["/", "/jobs", "/jobs/a.localhost%7C%7Cone", "/failures?method=x"])
    def test_every_view_is_the_page(self, site: Any, path: str) -> None:
        answer = site.get(path)
        assert answer.status == 200
        assert b"Job Monitor" in answer.body
        assert "no-" in answer.headers["Cache-Control"]

    def test_assets_are_kept(self, site: Any) -> None:
        answer = site.get("/assets/app-1a2b.js")
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
        assert site.get("/assets/app-0000.js").status == 404

    @pytest.mark.parametrize(
        "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "//etc/passwd"]
    )
    def test_nothing_outside_of_it(self, site: Any, path: str) -> None:
        assert b"secret" not in site.get(path).body
        assert b"root:" not in site.get(path).body

    def test_every_answer_is_guarded(self, site: Any) -> None:
        for path in ("/", "/api/snapshot", "/api/frobnicate", "/healthz"):
            headers = site.get(path).headers
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
        assert site.get("/api/snapshot").headers["Cache-Control"] == "no-store"

    def test_not_built(self, site: Any, built: Path) -> None:
        (built / "index.html").unlink()
        answer = site.get("/")
        assert answer.status == 503
        assert b"npm run build" in answer.body


def test_a_taken_port_is_said(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.code == 2
    assert f"port {port}" in done.err

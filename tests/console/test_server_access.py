"""Whom the HTTP server turns away: other names, other sites, and who has no token."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

import pytest

from job_console.console.auth import guard
from job_console.console.embedded import Embedded
from job_console.engine.errors import BadRequest
from tests.support.site import serving

TOKEN = "a-token-of-some-length"


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


def test_read_only(server: Embedded, job: Any) -> None:
    with serving(server.url, may_act=False) as site:
        assert site.get("/api/snapshot").json["read_only"] is True
        answer = site.act("cancel", job.id)
        assert (answer.status, answer.json["error"]["type"]) == (403, "Forbidden")
        assert job.get_status(refresh=True) == "queued"

"""People of a console: each with a token of her own and rights, in the audit trail by her name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from job_console.console import people
from job_console.console.embedded import Embedded
from job_console.engine.errors import BadRequest
from tests.support.site import Answer, Site, serving

TOKENS = {"mia": "mia's-own-token-1", "sam": "sam's-own-token-2", "kim": "kim's-own-token-3"}
RIGHTS = {"mia": "operate", "sam": "act", "kim": "look"}
FILE = "".join(f"[{name}]\ntoken = {token}\nmay = {RIGHTS[name]}\n" for name, token in TOKENS.items())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.ini"
    path.write_text(FILE)
    path.chmod(0o600)
    return path


@pytest.fixture
def site(server: Embedded, redis: Any, file: Path) -> Any:
    with serving(server.url, people=people.read(str(file))) as running:
        yield running


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[name]}"}


def operate(site: Site, name: str, **call: Any) -> Answer:
    return site.ask("POST", "/api/operate", {"reason": "a deploy", **call}, as_(name))


def test_nobody_without_a_token_of_hers(site: Any) -> None:
    assert site.get("/api/snapshot").status == 401
    assert site.get("/api/snapshot", Authorization="Bearer mia's-own-token-2").status == 401


def test_each_may_what_the_file_says(site: Any, job: Any) -> None:
    offered = {name: site.ask("GET", "/api/snapshot", headers=as_(name)).json for name in TOKENS}
    assert {name: (each["read_only"], each["may_operate"]) for name, each in offered.items()} == {
        "mia": (False, True),
        "sam": (False, False),
        "kim": (True, False),
    }
    assert site.act("front", job.id, headers=as_("kim")).status == 403
    assert operate(site, "kim", action="suspend", seconds=60).status == 403
    refused = operate(site, "sam", action="suspend", seconds=60)
    assert (refused.status, refused.json["error"]["type"]) == (403, "Forbidden")
    assert site.act("front", job.id, headers=as_("sam")).status == 200
    assert operate(site, "mia", action="suspend", seconds=60).json["results"][0]["ok"]


def test_what_ends_a_suspension_is_an_operation_too(site: Any) -> None:
    operate(site, "mia", action="suspend", seconds=60)
    site.engine.watch.forget()
    warned = {name: site.ask("GET", "/api/warnings", headers=as_(name)).json["warnings"] for name in TOKENS}
    remedies = {name: [each["action"] for each in found[0]["remedies"]] for name, found in warned.items()}
    assert remedies == {"mia": ["resume"], "sam": [], "kim": []}
    assert site.act("resume", headers=as_("sam")).status == 403
    remedy = {"warning": warned["sam"][0]["id"], "action": "resume", "reason": "now"}
    assert site.ask("POST", "/api/remedy", remedy, as_("sam")).status == 403
    assert site.act("resume", headers=as_("mia")).json["results"][0]["ok"]


def test_the_trail_knows_who_it_was(site: Any, job: Any) -> None:
    site.act("front", job.id, headers=as_("sam"))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    signed_in = site.ask("POST", "/sign-in", f"token={TOKENS['mia']}".encode(), form)
    cookie = signed_in.headers["Set-Cookie"].partition(";")[0]
    site.act("cancel", job.id, headers={"Cookie": cookie})
    entries = site.ask("GET", "/api/audit", headers=as_("kim")).json["entries"]
    assert [(entry["actor"], entry["action"]) for entry in entries] == [("mia", "cancel"), ("sam", "front")]


def test_with_read_only_all_look(file: Path) -> None:
    found = people.read(str(file), read_only=True)
    assert [(each.viewer.name, each.viewer.may_act, each.viewer.may_operate) for each in found if each.viewer] == [
        (name, False, False) for name in TOKENS
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names nobody"),
        ("mia", "no INI file"),
        ("[mia]\nsecret-token-of-mia", "no INI file: line"),
        ("[mia]\nmay = act", "16 characters"),
        ("[mia]\ntoken = short", "16 characters"),
        ("[mia]\ntoken = 0123456789abcdef\nmay = all", "look, act or operate"),
        ("[mia]\ntoken = 0123456789abcdef\nmail = x", "mail is not known"),
        ("[mia]\ntoken = 0123456789abcdef\n[sam]\ntoken = 0123456789abcdef", "same token"),
        ("[mia]\n[mia]\n", "no INI file"),
    ],
)
def test_what_is_wrong_is_said_and_no_token_shown(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(BadRequest, match=says) as raised:
        people.read(str(file))
    assert "secret" not in str(raised.value)
    assert "0123456789abcdef" not in str(raised.value)


def test_a_file_that_others_can_read_is_refused(file: Path) -> None:
    file.chmod(0o640)
    with pytest.raises(BadRequest, match="chmod 600"):
        people.read(str(file))
    with pytest.raises(BadRequest, match="cannot be read"):
        people.read(str(file.with_name("none")))


class TestBehindProxy:
    """The proxy of `bench.example`, which ends TLS and serves the console under /jobs."""

    HEADERS: ClassVar = {
        "Host": "127.0.0.1:8085",
        "X-Forwarded-For": "10.1.2.3",
        "X-Forwarded-Host": "bench.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/jobs",
    }

    @pytest.fixture
    def site(self, server: Embedded, redis: Any, file: Path) -> Any:
        with serving(server.url, people=people.read(str(file)), behind_proxy=True) as running:
            yield running

    def test_the_cookie_is_of_its_path_and_of_https(self, site: Any) -> None:
        answer = site.ask("GET", f"/lanes?token={TOKENS['mia']}", headers=self.HEADERS)
        assert (answer.status, answer.headers["Location"]) == (303, "./lanes")
        assert {"Path=/jobs", "Secure", "HttpOnly"} <= set(answer.headers["Set-Cookie"].split("; "))

    def test_its_own_page_acts_and_another_does_not(self, site: Any, job: Any) -> None:
        own = {**self.HEADERS, **as_("mia"), "Origin": "https://bench.example"}
        assert site.act("front", job.id, headers={**own, "Origin": "https://evil.example"}).status == 403
        assert site.act("front", job.id, headers=own).status == 200

    def test_without_a_token_it_does_not_start(self, server: Embedded) -> None:
        with pytest.raises(BadRequest, match="the proxy"), serving(server.url, behind_proxy=True):
            pass


def test_a_proxy_that_is_not_configured_is_refused(server: Embedded, redis: Any) -> None:
    """Nginx passes the name of its upstream, a loopback name, for everybody's requests."""
    with serving(server.url) as site:
        assert site.get("/api/snapshot").status == 200
        for header in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded"):
            assert site.ask("GET", "/api/snapshot", headers={header: "10.1.2.3"}).status == 403


def test_headers_count_for_nothing_when_no_proxy_is_known(server: Embedded, redis: Any, file: Path) -> None:
    with serving(server.url, people=people.read(str(file))) as site:
        answer = site.ask("GET", f"/lanes?token={TOKENS['mia']}", headers=TestBehindProxy.HEADERS)
        assert "Path=/;" in answer.headers["Set-Cookie"] + ";"
        assert "Secure" not in answer.headers["Set-Cookie"]

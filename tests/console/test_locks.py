"""Locks on the command line and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from job_console.console.cli import cli
from job_console.console.embedded import Embedded
from job_console.engine.locks import steps

from ..support.site import serving

NAME = "a.localhost|recalc:C-1"


@pytest.fixture
def run(server: Embedded, redis: Any) -> Callable[..., Any]:
    return lambda *words: CliRunner().invoke(cli, ["--redis", server.url, *words])


@pytest.fixture
def held(redis: Any) -> str:
    for lease in ("one", "two"):
        info = json.dumps({"job_id": f"job-{lease}", "method": "app.recalc", "host": "h\x1b[2J", "site": "a.localhost"})
        steps.acquire(redis, steps.Wanted(NAME, lease, 60, info=info), 30)
    return NAME


def test_locks_as_json(run: Callable[..., Any], held: str) -> None:
    result = run("locks", "--json")
    assert result.exit_code == 0
    (lock,) = json.loads(result.output)["locks"]
    assert (lock["key"], lock["holder"]["job_id"], len(lock["waiters"])) == (NAME, "job-one", 1)
    assert {"fence", "acquired_at", "expires_in_s"} <= lock.keys()


def test_locks_as_text(run: Callable[..., Any], held: str) -> None:
    result = run("locks")
    assert NAME in result.output
    assert "app.recalc" in result.output
    assert "\x1b" not in result.output


def test_no_locks(run: Callable[..., Any]) -> None:
    assert run("locks").output.endswith("No locks are held.\n")
    assert json.loads(run("locks", "--json").output)["locks"] == []


def test_release(run: Callable[..., Any], held: str) -> None:
    assert run("release", NAME).exit_code == 2, "it wants a reason"
    result = run("release", "recalc:C-1", "--reason", "stuck", "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["lock"]["holder"]["job_id"] == "job-two"
    assert run("release", "nothing", "--reason", "stuck").exit_code == 4


def test_only_from_whom_it_was_meant(run: Callable[..., Any], held: str) -> None:
    fence = json.loads(run("locks", "--json").output)["locks"][0]["holder"]["token"]
    assert run("release", NAME, "--reason", "stuck", "--fence", str(fence - 1)).exit_code == 3
    assert run("release", NAME, "--reason", "stuck", "--fence", str(fence)).exit_code == 0


def test_extend(run: Callable[..., Any], held: str) -> None:
    assert "left" in run("extend", NAME, "--seconds", "600").output


def test_over_http(server: Embedded, held: str) -> None:
    with serving(server.url) as site:
        assert site.get("/api/locks").json["locks"][0]["key"] == NAME
        lock = site.get(f"/api/lock?key={NAME}").json
        assert (lock["key"], lock["holder"]["job_id"]) == (NAME, "job-one")
        assert site.get("/api/lock").status == 400
        assert site.get("/api/lock?key=nothing").status == 404
        fenced = {"key": NAME, "reason": "stuck", "fence": lock["holder"]["token"] - 1}
        assert site.ask("POST", "/api/release_lock", fenced).status == 409
        assert site.ask("POST", "/api/release_lock", {**fenced, "fence": "1"}).status == 400
        answer = site.ask("POST", "/api/extend_lock", {"key": NAME, "seconds": 60})
        assert (answer.status, answer.json["extended"]) == (200, 1)
        assert site.ask("POST", "/api/release_lock", {"key": NAME, "reason": ""}).status == 400
        assert site.ask("POST", "/api/release_lock", {"key": NAME, "reason": "stuck"}).json["released"] == 1
        assert site.ask("POST", "/api/release_lock", {"key": "nothing", "reason": "stuck"}).status == 404
        assert site.ask("POST", "/api/extend_lock", {"key": NAME, "seconds": "long"}).status == 400
        assert site.ask("GET", "/api/release_lock").status == 405
    with serving(server.url, may_act=False) as site:
        assert site.ask("POST", "/api/release_lock", {"key": NAME, "reason": "stuck"}).status == 403

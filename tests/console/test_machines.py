"""What machines ask: does the process live, can it look, how is the bench; and exit codes for scripts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from job_console.console.auth import guard
from job_console.console.embedded import Embedded, embedded_server, free_port
from job_console.engine.errors import BadRequest
from job_console.engine.redis import keys
from tests.support.site import Answer, Site, serving

TOKEN, METRICS_TOKEN = "the-console's-own-token", "the-token-of-prometheus"
OF_A_PROXY = {"X-Forwarded-For": "10.1.2.3", "X-Forwarded-Host": "bench.example", "X-Forwarded-Prefix": "/jobs"}


@pytest.fixture
def guarded(server: Embedded, redis: Any) -> Iterator[Site]:
    with serving(server.url, TOKEN, behind_proxy=True, metrics_token=METRICS_TOKEN) as running:
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def says(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["status"]


def test_the_process_lives_while_redis_is_away(wait_until: Any) -> None:
    port = free_port()
    with embedded_server(port=port) as first, serving(first.url) as site:
        assert (says(site.get("/healthz")), says(site.get("/readyz"))) == ((200, "ok"), (200, "ok"))
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: says(site.get("/readyz")) == (503, "redis unreachable"))
        assert says(site.get("/healthz")) == (200, "ok")
        assert site.get("/status").json["error"]["type"] == "RedisUnavailable"
        with embedded_server(port=port):
            wait_until(lambda: site.get("/readyz").status == 200)


def test_probes_need_no_token_and_learn_nothing(guarded: Site) -> None:
    for path in ("/healthz", "/readyz"):
        for headers in ({}, {"Host": "10.1.2.3:8085"}, OF_A_PROXY):
            assert guarded.ask("GET", path, headers=headers).json == {"status": "ok"}
        assert guarded.ask("POST", path, {}).status == 405


def test_a_look_that_fails_is_not_ready(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(site.engine.watch, "look", fail)
    assert says(site.get("/readyz")) == (503, "no look")


@pytest.mark.parametrize("path", ["/status", "/metrics"])
def test_the_metrics_token_opens_what_is_for_machines_alone(guarded: Site, path: str) -> None:
    for headers in ({}, OF_A_PROXY, bearer("the-token-of-somebody")):
        assert guarded.ask("GET", path, headers=headers).status == 401
    for token in (TOKEN, METRICS_TOKEN):
        assert guarded.ask("GET", path, headers={**OF_A_PROXY, **bearer(token)}).status == 200
    assert guarded.ask("GET", "/api/snapshot", headers=bearer(METRICS_TOKEN)).status == 401
    assert guarded.ask("GET", f"/?token={METRICS_TOKEN}").status == 401


def test_without_a_token_only_this_machine_is_answered(site: Any) -> None:
    assert site.get("/status").status == 200
    assert site.get("/status", Host="evil.example").status == 403


def test_a_metrics_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(BadRequest, match="metrics token must have"):
        guard("127.0.0.1", None, metrics_token="short")


def test_the_verdict_is_a_status_when_asked(site: Any, redis: Any) -> None:
    empty = site.get("/status").json
    assert (empty["verdict"], empty["telling"], empty["warnings"]["critical"]) == ("warning", False, 0)
    assert [site.get(f"/status?fail_on={severity}").status for severity in ("critical", "warning")] == [200, 503]
    redis.set(keys.SUSPENDED, 1)
    site.engine.watch.forget()
    found = site.get("/status?fail_on=critical")
    assert (found.status, found.json["verdict"], found.json["warnings"]["critical"]) == (503, "critical", 1)
    assert "suspended" in found.json["reasons"][0]
    assert site.get("/status").status == 200
    assert [site.get(f"/status?{asked}").status for asked in ("fail_on=info", "x=1")] == [400, 400]


def test_what_somebody_acknowledged_fails_nothing(site: Any, redis: Any, run: Any) -> None:
    redis.set(keys.SUSPENDED, 1)
    (warning,) = site.get("/api/warnings").json["warnings"]
    failed = run("warnings", "--fail-on", "critical", "--json")
    assert (failed.code, [each["code"] for each in failed.json["warnings"]]) == (6, ["suspended"])
    assert run("watch", "--once", "--fail-on", "warning").code == 6
    assert run("warnings").code == 0
    site.ask("POST", "/api/silence_warning", {"warning": warning["id"], "how": "acknowledge"})
    assert site.get("/status?fail_on=critical").status == 200
    assert run("warnings", "--fail-on", "warning").code == 0


def test_a_watcher_that_stays_fails_on_nothing(run: Any) -> None:
    refused = run("watch", "--fail-on", "critical")
    assert (refused.code, "--once" in refused.err) == (2, True)


def test_a_bench_that_cannot_be_looked_at_is_no_warning(run: Any) -> None:
    assert run("warnings", "--fail-on", "critical", url=f"redis://127.0.0.1:{free_port()}").code == 5

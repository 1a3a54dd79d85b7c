"""A fleet on real servers: its rows, one of them killed, a job wherever it is, what fails everywhere, who may what."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
from jsonschema import Draft202012Validator
from rq import Queue

from job_console.console.embedded import Embedded
from job_console.console.fleet.circuit import BACK_OFF_S
from job_console.console.fleet.fleet import Fleet
from job_console.console.fleet.openapi import describe
from tests.console.conftest import Ran, frappe_job
from tests.console.test_openapi import closed
from tests.engine import bench
from tests.support.fleets import benches, serving_fleet, written
from tests.support.processes import Workers
from tests.support.site import Site

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture
def other(own_server: Embedded) -> Iterator[redis_py.Redis]:
    """Of a second server, which the test may kill."""
    client = redis_py.Redis.from_url(own_server.url)
    yield client
    client.close()


@pytest.fixture
def path(tmp_path: Path, server: Embedded, own_server: Embedded) -> str:
    return written(tmp_path, benches(acme=server.url, globex=own_server.url))


@pytest.fixture
def fleet(path: str) -> Iterator[tuple[Site, Fleet]]:
    with serving_fleet(path) as running:
        yield running


def rows(site: Site) -> dict[str, Any]:
    return {row["name"]: row for row in site.get("/api/fleet").json["benches"]}


def seen(site: Site, name: str, what: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: what(rows(site)[name])


def lane_of(client: Any) -> Queue:
    return Queue("bench:short", connection=client)


def test_each_bench_has_a_row_and_its_own_page(fleet: Any, redis: Any, other: Any, wait_until: Any) -> None:
    site, _ = fleet
    for number in range(3):
        frappe_job(lane_of(other), f"b.localhost||{number}")
    wait_until(seen(site, "globex", lambda row: row["waiting"] == 3 and row["oldest"]["lane"] == "short"))
    wait_until(seen(site, "acme", lambda row: row["waiting"] == 0 and row["oldest"] is None))
    snapshot = site.get("/b/globex/api/snapshot").json
    assert (snapshot["bench"], snapshot["queues"][0]["counts"]["queued"]) == ("globex", 3)
    assert site.get("/b/acme/api/snapshot").json["queues"] == []
    moved = site.get("/b/acme")
    assert (moved.status, moved.headers["Location"]) == (308, "acme/")
    done = site.ask("POST", "/b/globex/api/act", {"action": "cancel", "job_ids": ["b.localhost||1"]})
    assert done.json["results"][0]["ok"]
    assert "b.localhost||1" not in lane_of(other).job_ids


def test_a_bench_that_dies_says_since_when_and_costs_the_others_nothing(
    fleet: Any, own_server: Embedded, redis: Any, wait_until: Any
) -> None:
    site, members = fleet
    wait_until(seen(site, "globex", lambda row: row["looked_at"]))
    os.kill(own_server.pid, signal.SIGKILL)
    dead = wait_until(seen(site, "globex", lambda row: row["unreachable"] and row))
    assert "cannot be reached" in dead["unreachable"]["message"]
    (german,) = [row for row in site.get("/api/fleet", Accept_Language="de").json["benches"] if row["unreachable"]]
    assert "nicht erreichbar" in german["unreachable"]["message"]
    assert dead["looked_at"] < dead["unreachable"]["since"], "its last row stays, with its time"
    assert dead["verdict"] == "warning"
    frappe_job(lane_of(redis))
    wait_until(seen(site, "acme", lambda row: row["waiting"] == 1))
    refused = site.get("/b/globex/api/snapshot")
    assert (refused.status, refused.json["error"]["type"], refused.json["bench"]) == (503, "RedisUnavailable", "globex")
    still = rows(site)["globex"]["unreachable"]
    assert still["since"] == dead["unreachable"]["since"]
    assert site.get("/status?fail_on=critical").status == 503
    wait_until(lambda: members.members["globex"].seen.circuit.failures > 2, message="it is tried again and again")
    assert rows(site)["globex"]["unreachable"]["every_s"] > BACK_OFF_S[0], "and ever more seldom"


def test_one_that_hangs_holds_up_nobody(fleet: Any, own_server: Embedded, redis: Any, wait_until: Any) -> None:
    site, members = fleet
    frappe_job(lane_of(redis))
    wait_until(seen(site, "globex", lambda row: row["looked_at"]))
    os.kill(own_server.pid, signal.SIGSTOP)
    try:
        found = site.get("/api/find_job?job_id=a.localhost||one").json
        assert [each["bench"] for each in found["found"]] == ["acme"]
        assert [each["bench"] for each in found["missing"]] == ["globex"]
        before = members.members["acme"].seen.looked_at
        wait_until(lambda: members.members["acme"].seen.looked_at > before)
        wait_until(seen(site, "globex", lambda row: row["unreachable"]), message="its own time limit")
    finally:
        os.kill(own_server.pid, signal.SIGCONT)
    site.get("/b/globex/api/snapshot")  # whoever opens its page has it tried
    wait_until(seen(site, "globex", lambda row: not row["unreachable"]))


def test_a_job_is_found_wherever_it_is(fleet: Any, redis: Any, other: Any, wait_until: Any) -> None:
    site, _ = fleet
    frappe_job(lane_of(redis), "a.localhost||both", password="hunter2")
    frappe_job(lane_of(other), "a.localhost||both")
    frappe_job(lane_of(other), "b.localhost||only")
    found = site.get("/api/find_job?job_id=a.localhost||both").json
    assert [each["bench"] for each in found["found"]] == ["acme", "globex"]
    assert "hunter2" not in str(found)
    found = site.get("/api/find_job?job_id=b.localhost||only").json
    assert [(each["bench"], each["job"]["status"]) for each in found["found"]] == [("globex", "queued")]
    assert site.get("/api/find_job?job_id=none").json == {"job_id": "none", "found": [], "asked": 2, "missing": []}
    assert site.get("/api/find_job").status == 400


def test_what_fails_for_one_reason_is_one_group(
    fleet: Any, redis: Any, other: Any, workers: Any, own_server: Embedded, wait_until: Any
) -> None:
    site, _ = fleet
    for client, times in ((redis, 1), (other, 2)):
        for number in range(times):
            bench.enqueue(client, "tests.jobs.fail", name=f"{number}", kwargs={"message": "on purpose"})
    there = Workers(own_server.url)
    for crew in (workers, there):
        crew.start(bench.SHORT, burst=True).wait()
    # A look of a moment ago may not have them yet.
    wait_until(lambda: site.get("/api/fleet_failures").json["failed"] == 3)
    found = site.get("/api/fleet_failures").json
    (group,) = found["groups"]
    assert (group["count"], found["failed"], found["asked"]) == (3, 3, 2)
    assert [(each["bench"], each["count"]) for each in group["benches"]] == [("globex", 2), ("acme", 1)]
    assert site.get("/api/fleet_failures?order=never").status == 400


TOKENS = {"mia": "mia's-own-token-1", "sam": "sam's-own-token-2"}
RIGHTS = {"mia": "acme: operate, globex: look", "sam": "globex: act"}


@pytest.fixture
def tokens(tmp_path: Path) -> str:
    text = "".join(f"[{name}]\ntoken = {token}\nmay = {RIGHTS[name]}\n" for name, token in TOKENS.items())
    return written(tmp_path, text, "people.ini")


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[name]}"}


def test_each_may_on_each_bench_what_the_file_says(path: str, tokens: str, redis: Any, other: Any) -> None:
    job, far = frappe_job(lane_of(redis)), frappe_job(lane_of(other), "b.localhost||far")
    with serving_fleet(path, tokens, metrics_token="machine's-own-token") as (site, _):
        mine = {name: site.ask("GET", "/api/fleet", headers=as_(name)).json["benches"] for name in TOKENS}
        assert {name: [(row["name"], row["may"]) for row in found] for name, found in mine.items()} == {
            "mia": [("acme", "operate"), ("globex", "look")],
            "sam": [("globex", "act")],
        }
        for path_of in ("/b/acme/api/snapshot", "/b/acme/", "/b/acme/status", "/b/none/api/snapshot"):
            assert site.ask("GET", path_of, headers=as_("sam")).status == 404, path_of
        act = {"action": "front", "job_ids": [job.id]}
        assert site.ask("POST", "/b/acme/api/act", act, as_("sam")).status == 404
        assert site.ask("POST", "/b/acme/api/act", act, as_("mia")).status == 200
        act = {"action": "front", "job_ids": [far.id]}
        assert site.ask("POST", "/b/globex/api/act", act, as_("mia")).status == 403
        assert site.ask("POST", "/b/globex/api/act", act, as_("sam")).status == 200
        suspend = {"action": "suspend", "seconds": 60, "reason": "x"}
        assert site.ask("POST", "/b/globex/api/operate", suspend, as_("sam")).status == 403
        assert site.ask("POST", "/b/acme/api/operate", suspend, as_("mia")).status == 200
        found = site.ask("GET", f"/api/find_job?job_id={job.id}", headers=as_("sam")).json
        assert (found["found"], found["asked"]) == ([], 1)
        trail = site.ask("GET", "/b/globex/api/audit", headers=as_("mia")).json["entries"]
        assert [(entry["actor"], entry["action"]) for entry in trail] == [("sam", "front")]
        for path_of in ("/api/fleet", "/b/acme/api/snapshot", "/status", "/openapi.json", "/b/none/api/snapshot"):
            assert site.get(path_of).status == 401, path_of
        for path_of in ("/", "/b/acme/", "/b/none/", "/b/none", "/b/acme/assets/x.js"):
            assert b"Token" in site.get(path_of).body, path_of
        machine = {"Authorization": "Bearer machine's-own-token"}
        assert site.ask("GET", "/status", headers=machine).json["benches"]["unreachable"] == 0
        assert site.ask("GET", "/b/acme/status", headers=machine).status == 200
        assert site.ask("GET", "/b/acme/api/snapshot", headers=machine).status == 401


def test_who_signs_in_at_one_bench_is_signed_in_at_all(path: str, tokens: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with serving_fleet(path, tokens) as (site, _):
        signed_in = site.ask("POST", "/b/acme/sign-in", f"token={TOKENS['mia']}".encode(), form)
        assert "Path=/;" in signed_in.headers["Set-Cookie"] + ";"
        cookie = {"Cookie": signed_in.headers["Set-Cookie"].partition(";")[0]}
        assert site.ask("GET", "/api/fleet", headers=cookie).status == 200
        assert site.ask("GET", "/b/globex/api/snapshot", headers=cookie).status == 200
        by_link = site.get(f"/b/acme/jobs?token={TOKENS['mia']}")
        assert (by_link.status, by_link.headers["Location"]) == (303, "./jobs")
        assert "Path=/;" in by_link.headers["Set-Cookie"] + ";"


def test_every_answer_is_as_described(
    fleet: Any, redis: Any, other: Any, own_server: Embedded, wait_until: Any
) -> None:
    site, _ = fleet
    described = site.get("/openapi.json").json
    assert described == describe()
    frappe_job(lane_of(redis))
    wait_until(seen(site, "acme", lambda row: row["waiting"] == 1))
    os.kill(own_server.pid, signal.SIGKILL)
    wait_until(seen(site, "globex", lambda row: row["unreachable"]))
    asked = {"fleet": "", "find_job": "?job_id=a.localhost||one", "fleet_failures": "?order=last&method=x"}
    paths = {f"/api/{name}": f"/api/{name}{query}" for name, query in asked.items()} | {"/status": "/status"}
    assert paths.keys() == {path for path in described["paths"] if path not in ("/healthz", "/readyz")}
    for path, address in paths.items():
        answer = site.get(address)
        assert answer.status == 200, (path, answer.json)
        shape = described["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**shape, "components": closed(described["components"])}
        assert [error.message for error in Draft202012Validator(whole).iter_errors(answer.json)] == [], path


def test_the_table_on_the_command_line(run: Callable[..., Ran], path: str, redis: Any, own_server: Embedded) -> None:
    shown = run("fleet", "--config", path, "--fail-on", "critical", url=None)
    assert shown.code == 0, shown.err
    assert "2 benches" in shown.out
    frappe_job(lane_of(redis))
    os.kill(own_server.pid, signal.SIGKILL)
    failed = run("fleet", "--config", path, "--json", "--fail-on", "critical", url=None)
    assert failed.code == 6
    found = {row["name"]: row for row in failed.json["benches"]}
    assert (found["acme"]["waiting"], bool(found["globex"]["unreachable"])) == (1, True)


def test_what_ends_the_command_line(run: Callable[..., Ran], tmp_path: Path) -> None:
    nowhere = written(tmp_path, benches(acme="redis://127.0.0.1:1"))
    assert run("fleet", "--config", nowhere, url=None).code == 5
    wrong = written(tmp_path, "[[bench]]\nname = 'acme'", "wrong.toml")
    for verb in ("fleet", "serve"):
        ended = run(verb, "--config", wrong, url=None)
        assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
        assert "bench 1 (acme)" in ended.err
    assert run("serve", "--config", nowhere).code == 2, "and --redis"

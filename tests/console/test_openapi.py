"""/openapi.json says what the server does: calls, what they take, of every answer all its fields and their types."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator

from job_console.console.calls import ACTS, READS
from job_console.console.openapi import describe
from job_console.console.openapi.bodies import BODIES
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.output import record
from job_console.engine.output.ring import Content
from job_console.engine.redis import keys
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.service import Engine
from job_console.engine.watch import incident_log
from job_console.engine.watch.incidents import Trouble
from job_console.engine.watch.past_duty import keep_picture
from tests.engine import bench
from tests.support.site import Answer, Site

SITE = "a.localhost"
RUNNING, FAILED, GHOST = f"{SITE}||running", f"{SITE}||failed", f"{SITE}||ghost"
LOCK = f"{SITE}|stock"


def closed(part: Any) -> Any:
    """That schema, for answers of today: no object has a field that it does not name."""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: closed(value) for name, value in part.items()}
    return {**found, "additionalProperties": False} if "properties" in part and "required" in part else found


@pytest.fixture(scope="module")
def described() -> Any:
    return json.loads(json.dumps(describe()))


def check(described: Any, operation: Any, answer: Answer) -> None:
    response = operation["responses"][str(answer.status)]
    if "$ref" in response:
        response = described["components"]["responses"][response["$ref"].rpartition("/")[2]]
    shape = response["content"]["application/json"]["schema"]
    whole = {**closed(shape), "components": closed(described["components"])}
    Draft202012Validator.check_schema(whole)
    problems = [problem for error in Draft202012Validator(whole).iter_errors(answer.json) for problem in _causes(error)]
    assert problems == []


def _causes(error: Any) -> list[str]:
    """Of the alternative that came nearest, where there are some."""
    inner = error.context or []
    if not inner:
        return [f"{error.json_path}: {error.message}"]
    return [f"{error.json_path} (one of): {each.json_path}: {each.message}" for each in inner]


@pytest.fixture
def busy(redis: Any, workers: Any, wait_until: Any) -> Any:
    """Of everything something."""
    running = bench.enqueue(redis, "tests.jobs.hang", name="running")
    workers.start(bench.SHORT, name="w1")
    wait_until(lambda: bench.status(redis, running.id) == "started")
    bench.enqueue(redis, "tests.jobs.fail", name="failed", queue=bench.LONG, kwargs={"message": "on purpose"})
    workers.start(bench.LONG, name="w2", burst=True).wait()
    bench.enqueue(redis, name="waiting", queue=bench.LONG, kwargs={"company": "Acme"})
    bench.enqueue(redis, name="waiting-too", queue=bench.LONG, kwargs={"company": "Acme"})
    entry = ScheduleEntry("tasks.pull", "shop.tasks.pull", "*/2 * * * *", bench.LONG, job_id=f"{SITE}||s")
    ScheduleStore(redis).publish(Schedule(SITE, True, entries=(entry,)))
    lock = Lock(redis, LOCK, LockOptions(ttl_s=300.0), Who(job_id=RUNNING, method="tests.jobs.hang", site=SITE))
    lock.acquire()
    redis.hset(keys.HOLDS, "x", "not ours")
    record.write(redis, FAILED, Content(1.0, 18, b"\x1e1.5\tERROR\tx\nfailed"))
    trouble = Trouble("ghost", "ghost_queued", "critical", "It is no job.", {}, jobs=1, queue=bench.LONG)
    incident_log.write_down(redis, keys.incident_log(""), [trouble], datetime.now(timezone.utc))
    return lock


READ_ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "jobs": [{}, {"status": "failed", "sort": "-ended"}],
    "search": [{"text": "waiting"}],
    "failure_jobs": [{"group": "GROUP"}],
    "complete_query": [{"q": "status:fai", "cursor": 10}, {"q": "status:nonsense", "cursor": 3}],
    "waiting": [{}, {"queue": bench.LONG}],
    "show": [{"job_id": RUNNING}, {"job_id": FAILED}],
    "explain": [{"job_id": RUNNING}, {"job_id": f"{SITE}||waiting"}],
    "where": [{"job_id": RUNNING}],
    "profile": [{"job_id": RUNNING}],
    "log": [{"job_id": RUNNING}, {"job_id": FAILED}],
    "lock": [{"key": LOCK}],
    "schedule_preview": [{"cron": "0 1 * * *", "site": SITE}, {"cron": "30 24 * * *", "site": SITE}],
    "about_warning": [{"code": "worker_lost"}],
    "moment": [{}, {"at": "NOW"}],
}
#: In this order.
ACT_BODIES: list[tuple[str, dict[str, Any]]] = [
    ("start_bulk", {"action": "cancel", "q": "status:queued", "reason": "x"}),
    ("step_bulk", {"bulk": "BULK"}),
    ("step_bulk", {"bulk": "BULK"}),
    ("undo_bulk", {"bulk": "BULK"}),
    ("cancel_bulk", {"bulk": "BULK"}),
    ("act", {"action": "front", "job_ids": [f"{SITE}||waiting"], "reason": "x"}),
    ("operate", {"action": "suspend", "seconds": 60, "reason": "x"}),
    ("silence_warning", {"warning": "WARNING", "how": "snooze", "seconds": 60}),
    ("act", {"action": "resume"}),
    ("mend", {"dry_run": True}),
    ("retry_group", {"group": "GROUP", "reason": "x"}),
    ("cancel_canary", {"canary": "CANARY", "reason": "x"}),
    ("retry_edited", {"job_id": FAILED, "changes": {"message": "again"}, "reason": "x"}),
    ("extend_lock", {"key": LOCK, "seconds": 60, "reason": "x"}),
    ("release_lock", {"key": LOCK, "reason": "x"}),
    ("acknowledge", {"incident": "INCIDENT"}),
    ("save_view", {"name": "Failed", "q": "status:failed", "sort": "-ended", "shared": True}),
    ("delete_view", {"view": "VIEW"}),
    ("remedy", {"warning": "none", "action": "requeue"}),
]


def swept(redis: Any) -> str:
    """A picture is kept. Returns its moment."""
    look = Engine(redis).watch.look()
    keep_picture(Engine(redis), look)
    return bench.iso(look.bench.at)


def test_every_call_and_what_it_takes(described: Any) -> None:
    paths = described["paths"]
    assert {path.removeprefix("/api/") for path in paths if path.startswith("/api/")} == {*READS, *ACTS}
    for name, read in READS.items():
        parameters = {each["name"]: each["schema"]["type"] for each in paths[f"/api/{name}"]["get"]["parameters"]}
        assert parameters == {key: "integer" if kind is int else "string" for key, kind in read.takes.items()}
    assert {name: {field.rstrip("?") for field in BODIES[name]} for name in BODIES} == {
        name: set(act.takes) for name, act in ACTS.items()
    }


def test_it_is_served_to_who_may_look(site: Site, described: Any) -> None:
    assert site.get("/openapi.json").json == described
    assert site.get("/openapi.json", Host="evil.example").status == 403


def test_every_answer_is_as_described(site: Site, busy: Any, described: Any) -> None:
    group = site.get("/api/failures").json["groups"][0]["group"]
    known = {"GROUP": group, "NOW": swept(busy.redis)}
    for name in READS:
        for arguments in READ_ARGUMENTS.get(name, [{}]):
            given = {key: known.get(value, value) for key, value in arguments.items()}
            answer = site.get(f"/api/{name}?{urlencode(given)}")
            assert answer.status == 200, (name, answer.json)
            check(described, described["paths"][f"/api/{name}"]["get"], answer)
    _act_on_it(site, described, group)


def _act_on_it(site: Site, described: Any, group: str) -> None:
    known: dict[str, Callable[[], Any]] = {
        "GROUP": lambda: group,
        "BULK": lambda: str(site.get("/api/bulks").json["bulks"][0]["id"]),
        "WARNING": lambda: str(site.get("/api/warnings").json["warnings"][0]["id"]),
        "INCIDENT": lambda: str(site.get("/api/open_incidents").json["incidents"][0]["name"]),
        "VIEW": lambda: str(site.get("/api/views").json["views"][0]["id"]),
        "CANARY": lambda: str(site.get("/api/failures").json["canaries"][0]["canary"]),
    }
    for name, body in ACT_BODIES:
        given = {key: known.get(str(value), lambda value=value: value)() for key, value in body.items()}
        answer = site.ask("POST", f"/api/{name}", given)
        assert answer.status == (404 if name == "remedy" else 200), (name, answer.json)
        check(described, described["paths"][f"/api/{name}"]["post"], answer)
    assert {name for name, _body in ACT_BODIES} == set(ACTS)


def test_what_machines_ask_is_described_too(site: Site, described: Any) -> None:
    for path in ("/healthz", "/readyz", "/status"):
        check(described, described["paths"][path]["get"], site.get(path))
    refused = site.get("/api/show?job_id=none")
    check(described, described["paths"]["/api/show"]["get"], refused)
    assert refused.status == 404

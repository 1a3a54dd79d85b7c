"""Incidents of a whole bench, as the operator console writes them down: with a beginning, an end, and a bound."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from job_console.console.watching import Watcher
from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.errors import BadRequest, Forbidden
from job_console.engine.jobs import actions
from job_console.engine.jobs.request import Request
from job_console.engine.redis import keys
from job_console.engine.scope import Scope
from job_console.engine.service import Engine, Viewer
from job_console.engine.watch import incident_log, limits
from job_console.engine.watch.incidents import Trouble
from tests.engine.bench import enqueue
from tests.support.waiting import wait_until

KEY = keys.incident_log("")
NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)


def trouble(key: str = "k", **more: Any) -> Trouble:
    return Trouble(
        **{"key": key, "code": "ghost_queued", "severity": "warning", "message": f"{key}.", "evidence": {}} | more
    )


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def told(redis: Any) -> list[tuple[str, str, str | None]]:
    return [(each.message, each.status, each.how) for each in incident_log.read(redis, KEY)]


def test_one_opens_goes_on_ends_and_comes_back(redis: Any) -> None:
    incident_log.write_down(redis, KEY, [trouble(), trouble("worse", severity="critical")], NOW)
    assert told(redis) == [("worse.", "Open", None), ("k.", "Open", None)]
    incident_log.write_down(redis, KEY, [trouble("worse", severity="critical")], after(60))
    assert [each[1] for each in told(redis)] == ["Open", "Open"], "one look may miss it"
    incident_log.write_down(redis, KEY, [trouble("worse", severity="critical")], after(100))
    assert told(redis) == [("worse.", "Open", None), ("k.", "Resolved", "The condition ended.")]
    incident_log.write_down(redis, KEY, [trouble(jobs=3), trouble("worse", severity="critical")], after(300))
    (_worse, again) = incident_log.read(redis, KEY)
    assert (again.status, again.opened, again.jobs) == ("Open", NOW, 3), "it is the same one"
    assert redis.ttl(KEY) > 7 * 86_400


def test_its_end_says_what_was_done_to_its_job(redis: Any, engine: Engine) -> None:
    job = enqueue(redis)
    now = engine.watch.look().bench.at
    incident_log.write_down(redis, KEY, [trouble(job_id=job.id)], now - timedelta(seconds=200))
    bench = engine.watch.look().bench
    actions.run(redis, engine.reader, bench, Scope(None), Request("cancel", "mia", "too old"), [job.id])
    incident_log.write_down(redis, KEY, [], now)
    assert told(redis) == [("k.", "Resolved", "cancel, by mia: too old")]


def test_many_that_end_together_cost_three_round_trips(redis: Any, engine: Engine, round_trips: Any) -> None:
    """Each says what was done to its own job, and only since it opened."""
    jobs = [enqueue(redis).id for _ in range(30)]
    bench = engine.watch.look().bench
    request = Request("cancel", "mia", "")
    actions.run(redis, engine.reader, bench, Scope(None), request, jobs[:1])
    open_ = [trouble(f"{number:02}", job_id=job_id) for number, job_id in enumerate(jobs)] + [trouble("no job")]
    incident_log.write_down(redis, KEY, open_, datetime.now(timezone.utc))
    actions.run(redis, engine.reader, bench, Scope(None), request, jobs[1:20])
    with round_trips() as counted:
        incident_log.write_down(redis, KEY, [], datetime.now(timezone.utc) + timedelta(seconds=200))
    assert len(counted) == 3
    how = {message: how for message, _status, how in told(redis)}
    by_mia = {f"{number:02}." for number in range(1, 20)}
    assert {message for message, said in how.items() if said == "cancel, by mia"} == by_mia
    assert len(how) == 31


def test_what_ended_is_kept_for_a_day_and_bounded(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INCIDENTS_LOGGED", 2)
    incident_log.write_down(redis, KEY, [trouble(str(number)) for number in range(4)], NOW)
    incident_log.write_down(redis, KEY, [], after(100))
    incident_log.write_down(redis, KEY, [], after(101))
    assert redis.hlen(KEY) == 2 + 1, "and how often it was written"
    incident_log.write_down(redis, KEY, [], after(100 + 86_401))
    assert redis.hkeys(KEY) == [keys.INCIDENTS_CHANGED.encode()]


def test_what_is_no_incident_of_ours_is_left_out(redis: Any) -> None:
    incident_log.write_down(redis, KEY, [trouble()], NOW)
    redis.hset(KEY, mapping={"a": "no JSON", "b": "{}", "c": '{"name": "c"}'})
    assert [each[0] for each in told(redis)] == ["k."]


def test_a_host_that_watches_writes_them_down_and_people_acknowledge(
    redis: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis_limits, "PROOF_S", 0.05)
    enqueue(redis)
    redis.hset(next(iter(redis.scan_iter("rq:job:*"))), "enqueued_at", "2026-01-01T00:00:00.000000Z")  # long ago
    wait_until(lambda: engine.watch.forget() or engine.watch.look().warnings)
    list(Watcher(engine, Viewer("watch")).step())
    mia, sam = engine.console(Viewer("mia", may_act=True)), engine.console(Viewer("sam"))
    (found,) = sam.incidents.all()["incidents"]
    assert (found["code"], found["status"], found["severity"]) == ("no_workers", "Open", "Critical")
    with pytest.raises(Forbidden):
        sam.incidents.acknowledge(found["name"])
    (seen,) = mia.incidents.acknowledge(found["name"])["incidents"]
    assert (seen["status"], seen["acknowledged_by"]) == ("Acknowledged", "mia")
    with pytest.raises(BadRequest):
        mia.incidents.acknowledge("none such")

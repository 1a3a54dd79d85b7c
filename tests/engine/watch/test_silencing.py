"""Warnings of a real bench: grouped, mended together, acknowledged, snoozed and muted."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from job_console.engine.errors import BadRequest, Forbidden, NoSuchWarning
from job_console.engine.policies import limits as policies_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.watch import incidents
from job_console.engine.watch import limits as watch_limits

from .. import bench
from ..bench import SHORT


def ghosts(redis: Any, count: int, start: int = 0) -> list[str]:
    """Records of one method that say queued, and stand nowhere."""
    ids = [bench.enqueue(redis, name=f"g{number}").id for number in range(start, start + count)]
    for job_id in ids:
        bench.age(redis, job_id, 60, "enqueued_at", "created_at")
    redis.delete(keys.queue(SHORT))
    return ids


def reported(console: Console) -> dict[str, Any]:
    console.engine.watch.forget()
    (warning,) = console.warnings.all(prove=True)["warnings"]
    return dict(warning)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch, quick_proof: None) -> None:
    monkeypatch.setattr(policies_limits, "GHOST_WAIT_S", 0.1)


def test_250_ghosts_are_one_warning_and_one_remedy(redis: Any, console: Console) -> None:
    ids = ghosts(redis, 250)
    warning = reported(console)
    assert (warning["code"], warning["evidence"]["count"]) == ("ghost_queued", 250)
    assert warning["evidence"]["at_least"] is False
    results = console.warnings.remedy(warning["id"], "requeue")["results"]
    assert sorted(result["job_id"] for result in results if result["ok"]) == sorted(ids)
    assert redis.llen(keys.queue(SHORT)) == 250


def test_a_remedy_that_it_does_not_have_is_refused(redis: Any, console: Console) -> None:
    ghosts(redis, 2)
    warning = reported(console)
    with pytest.raises(BadRequest, match="it has requeue, free"):
        console.warnings.remedy(warning["id"], "stop")
    with pytest.raises(NoSuchWarning):
        console.warnings.remedy("0" * 16, "requeue")


def test_mend_can_be_limited_to_some_warnings(redis: Any, console: Console) -> None:
    for job_id in bench.fill(redis, 3):
        redis.delete(keys.job(job_id))
    assert console.warnings.mend(code="ghost_queued")["results"] == []
    assert [each["ok"] for each in console.warnings.mend(code="orphan_id")["results"]] == [True] * 3


def test_an_acknowledged_warning_stays_and_does_not_count(redis: Any, console: Console) -> None:
    ghosts(redis, 2)
    warning = reported(console)
    console.warnings.silence(warning["id"], reason="I am at it")
    found = reported(console)
    assert (found["silenced"], found["acknowledged_by"]) == ("acknowledged", "tester@here")
    assert found["silence_reason"] == "I am at it"
    health = console.snapshot()["health"]
    assert (health["silenced"], warning["message"] in health["reasons"]) == (1, False)
    (entry,) = console.actions.audit()["entries"]
    assert (entry["action"], entry["actor"], entry["reason"]) == ("acknowledge", "tester@here", "I am at it")
    assert entry["detail"] == f"ghost_queued {warning['id']}"
    console.warnings.silence(warning["id"], "unmute")
    assert reported(console)["silenced"] is None


def test_what_gets_worse_is_reported_again(redis: Any, console: Console) -> None:
    ghosts(redis, 2)
    console.warnings.silence(reported(console)["id"])
    ghosts(redis, 1, start=2)
    assert reported(console)["silenced"] == "acknowledged"
    ghosts(redis, 1, start=3)
    assert reported(console)["silenced"] is None
    console.warnings.silence(reported(console)["id"], "mute")
    ghosts(redis, 10, start=4)
    assert reported(console)["silenced"] == "muted"


def test_a_snooze_ends(redis: Any, console: Console, wait_until: Any) -> None:
    ghosts(redis, 1)
    warning = reported(console)["id"]
    console.warnings.silence(warning, "snooze", seconds=60)
    assert reported(console)["silenced"] == "snoozed"
    console.warnings.silence(warning, "snooze", seconds=0.01)
    wait_until(lambda: reported(console)["silenced"] is None)


def test_an_acknowledged_one_that_comes_back_is_reported_again(redis: Any, engine: Engine, console: Console) -> None:
    ids = ghosts(redis, 1)
    warning = reported(console)["id"]
    console.warnings.silence(warning)
    name, field = keys.silences(""), f"|{warning}"
    long_ago = time.time() - watch_limits.INCIDENT_TOUCH_S - watch_limits.INCIDENT_CALM_S - 5

    def swept_after(pause: bool) -> None:
        if pause:
            said = json.loads(redis.hget(name, field))
            redis.hset(name, field, json.dumps({**said, "seen_at": long_ago}))
        for key in redis.scan_iter(keys.sweep_lease("", "*")):
            redis.delete(key)
        engine.watch.forget()
        assert "silences" in engine.sweep().done  # type: ignore[union-attr]

    swept_after(pause=True)
    assert json.loads(redis.hget(name, field))["seen_at"] > long_ago  # it is still there
    redis.delete(keys.job(ids[0]))
    swept_after(pause=False)
    assert redis.hexists(name, field)  # it may flap
    swept_after(pause=True)
    assert not redis.hexists(name, field)
    ghosts(redis, 1)
    assert reported(console)["silenced"] is None


def test_a_site_silences_for_itself_and_the_operator_for_all(redis: Any, engine: Engine, console: Console) -> None:
    ghosts(redis, 1)
    site = engine.console(Viewer("jane@shop", "a.localhost", may_act=True))
    warning = reported(site)["id"]
    site.warnings.silence(warning)
    assert (reported(site)["silenced"], reported(console)["silenced"]) == ("acknowledged", None)
    console.warnings.silence(warning, "mute")
    site.warnings.silence(warning, "unmute")
    assert (reported(site)["silenced"], reported(site)["acknowledged_by"]) == ("muted", "tester@here")


def test_nobody_is_notified_of_a_silenced_incident(redis: Any, engine: Engine, console: Console) -> None:
    ghosts(redis, 2)
    warning = reported(console)["id"]
    (loud,) = console.warnings.troubles(engine.watch.look())
    console.warnings.silence(warning, "mute")
    reported(console)
    (quiet,) = console.warnings.troubles(engine.watch.look())
    assert (loud.quiet, quiet.quiet, quiet.jobs) == (False, True, 2)
    assert console.warnings.unsilenced(engine.watch.look()) == []
    assert isinstance(quiet, incidents.Trouble)


def test_what_is_refused(redis: Any, engine: Engine, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    ghosts(redis, 1)
    warning = reported(console)["id"]
    for how, seconds in (("hide", None), ("snooze", -1), ("mute", 31 * 86_400)):
        with pytest.raises(BadRequest):
            console.warnings.silence(warning, how, seconds)
    with pytest.raises(Forbidden):
        engine.console(Viewer("guest")).warnings.silence(warning)
    monkeypatch.setattr(watch_limits, "SILENCES", 0)
    with pytest.raises(BadRequest, match="At most 0"):
        console.warnings.silence(warning)
    assert redis.exists(keys.silences("")) == 0


def test_it_has_a_time_to_live(redis: Any, console: Console) -> None:
    ghosts(redis, 1)
    console.warnings.silence(reported(console)["id"])
    assert 0 < redis.ttl(keys.silences("")) <= watch_limits.SILENCE_MAX_S
    redis.hset(keys.silences(""), "|x", "nonsense")
    assert reported(console)["silenced"] == "acknowledged"

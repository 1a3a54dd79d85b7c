"""Who has to be told of what: one alert for each policy and kind of news, not more often than it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from job_console.engine.models import Bench, Warning
from job_console.engine.policies import alerts
from job_console.engine.policies.match import Book
from job_console.engine.policies.models import Alerts, Policy

from ..detectors.build import NOW, bench, call, failed, lane, running

TO = ("ops@example.com",)
SYNC = Policy("Sync", "method", "shop.sync", alerts=Alerts(TO, ("failed", "gave_up", "warning")))
PULL = Policy("Pull", "schedule", "tasks.pull", scheduled_method="shop.pull", alerts=Alerts(TO, ("failed",)))
QUIET = Policy("Quiet", "method", "crm.call")
BOOK = Book([SYNC, PULL, QUIET])


def told(*failures: Any, retried: set[str] | None = None, warnings: tuple[Warning, ...] = (), at: Bench | None = None):
    return alerts.due(BOOK, failures, retried or set(), warnings, at or bench())


def test_many_failures_are_one_alert_that_names_the_newest() -> None:
    found = told(*(failed(10.0 * number) for number in range(1, 6)), retried={f"f{10.0 * n}" for n in range(1, 6)})
    (alert,) = found
    assert (alert.policy.name, alert.on, alert.job_id) == ("Sync", "failed", "f10.0")
    assert alert.text == "shop.sync failed, and 4 more jobs of Sync. ValueError: no"


def test_what_is_not_tried_again_is_another_alert() -> None:
    found = told(failed(1.0), failed(2.0), retried={"f1.0"})
    assert [(alert.on, alert.job_id) for alert in found] == [("failed", "f1.0"), ("gave_up", "f2.0")]
    assert found[1].text == "shop.sync will not be tried again. ValueError: no"


def test_a_schedules_policy_hears_of_its_runs_only() -> None:
    assert told(failed(1.0, method="shop.pull")) == []
    assert [alert.policy.name for alert in told(failed(1.0, method="shop.pull", scheduled=True))] == ["Pull"]


def test_who_asked_for_nothing_hears_nothing() -> None:
    assert told(failed(1.0, method="crm.call"), failed(1.0, method="crm.mail")) == []


def test_a_warning_about_its_job_or_its_method() -> None:
    stuck = Warning("overrunning", "warning", "It runs and runs.", job_id="j1", site="a.localhost")
    look = bench(lane(running=(running(),)))
    (alert,) = told(warnings=(stuck, replace(stuck, message="again")), at=look)
    assert (alert.policy.name, alert.on, alert.text, alert.job_id) == ("Sync", "warning", "It runs and runs.", "j1")
    crash = Warning("crash_loop", "critical", "It crashes.", evidence={"method": "shop.sync"})
    assert [alert.text for alert in told(warnings=(crash,))] == ["It crashes."]
    near = Warning("timeout_near", "info", "Soon.", job_id="j1")
    other = Warning("no_workers", "critical", "Nobody.", queue="short")
    another = running("j2", call=call("crm.call"))
    assert told(warnings=(near, other, replace(stuck, job_id="j2")), at=bench(lane(running=(another,)))) == []


def test_the_pause_between_two_is_the_policys(redis: Any) -> None:
    (alert,) = told(failed(1.0), retried={"f1.0"})
    assert [alerts.claim(redis, "a.localhost", alert) for _ in range(3)] == [True, False, False]
    assert alerts.claim(redis, "b.localhost", alert)
    assert alerts.claim(redis, "a.localhost", replace(alert, on="gave_up"))
    at_once = replace(alert, policy=replace(SYNC, alerts=Alerts(TO, ("failed",), 0)))
    assert [alerts.claim(redis, "a.localhost", at_once) for _ in range(2)] == [True, True]


def test_what_was_seen_is_remembered_and_the_past_is_not_told(redis: Any) -> None:
    assert alerts.seen(redis, "a.localhost", NOW) == NOW
    alerts.note_seen(redis, "a.localhost", NOW - timedelta(seconds=7))
    assert alerts.seen(redis, "a.localhost", NOW) == NOW - timedelta(seconds=7)


def test_who_is_tried_again_is_asked_in_one_round_trip(redis: Any, trips: Any) -> None:
    redis.zadd("rq:job_console:retries", {"j1": 5})
    with trips() as counted:
        assert alerts.retried(redis, ["j1", "j2"]) == {"j1"}
    assert len(counted) == 1
    assert alerts.retried(redis, []) == set()

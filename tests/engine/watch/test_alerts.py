"""Who has to be told of what: one alert for each policy and kind of news, not more often than it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from job_console.engine.models.bench import Bench, FailedRun
from job_console.engine.models.jobs import Failure, Job
from job_console.engine.models.policies import Alerts, Policy
from job_console.engine.models.policy_match import Policies, PolicySet
from job_console.engine.models.retries import Tries
from job_console.engine.models.warnings import Warning
from job_console.engine.redis import keys
from job_console.engine.retries.models import stamp
from job_console.engine.watch import alerts
from job_console.engine.watch import limits as watch_limits

from ..diagnosis.build import NOW, ago, bench, call, failed, job, lane, running

TO = ("ops@example.com",)
SYNC = Policy("Sync", "method", "shop.sync", alerts=Alerts(TO, ("failed", "gave_up", "warning")))
PULL = Policy("Pull", "schedule", "tasks.pull", scheduled_method="shop.pull", alerts=Alerts(TO, ("failed",)))
QUIET = Policy("Quiet", "method", "crm.call")
POLICY_SET = PolicySet([SYNC, PULL, QUIET])


def reported(*failures: Any, jobs: tuple[Job, ...] = (), warnings: tuple[Warning, ...] = (), at: Bench | None = None):
    return alerts.due(POLICY_SET, failures, jobs, warnings, at or bench())


def as_now(failure: FailedRun, status: str = "scheduled", ran: float = 1, then: str = "", judged: bool = True) -> Job:
    """Its job, whose last run began so long before the failure."""
    began, born = failure.at - timedelta(seconds=ran), ago(1000)
    tries = Tries(stamp(born), stamp(began if judged else born), 1, 3, then) if then else None
    return job(failure.job_id, status, created_at=born, started_at=began, tries=tries)


def test_many_failures_are_one_alert_that_names_the_newest() -> None:
    failures = [failed(10.0 * number) for number in range(1, 6)]
    (alert,) = reported(*failures, jobs=tuple(map(as_now, failures)))
    assert (alert.policy.name, alert.on, alert.job_id) == ("Sync", "failed", "f10.0")
    assert alert.text == "shop.sync failed, and 4 more jobs of Sync. ValueError: no"


def test_what_is_not_tried_again_is_another_alert() -> None:
    found = reported(failed(1.0), failed(2.0), jobs=(as_now(failed(1.0)), as_now(failed(2.0), "failed")))
    assert [(alert.on, alert.job_id) for alert in found] == [("failed", "f1.0"), ("gave_up", "f2.0")]
    assert found[1].text == "shop.sync will not be tried again. ValueError: no"


def test_one_failure_is_reported_once_as_the_worse_of_the_two() -> None:
    lost = as_now(failed(1.0), "failed")
    assert [alert.on for alert in reported(failed(1.0), jobs=(lost,))] == ["gave_up"]
    only_failed = PolicySet([replace(SYNC, alerts=Alerts(TO, ("failed",)))])
    assert [alert.on for alert in alerts.due(only_failed, [failed(1.0)], [lost], [], bench())] == ["failed"]


FAILURE = failed(10.0)


@pytest.mark.parametrize(
    ("now", "given_up"),
    [
        (as_now(FAILURE, then="again"), False),
        (as_now(FAILURE, "queued", then="again"), False),
        (replace(as_now(FAILURE, "queued", then="again"), started_at=None), False),
        (as_now(FAILURE, "started", ran=-1, then="again", judged=False), False),
        (as_now(FAILURE, "finished", ran=-1, then="again", judged=False), False),
        (as_now(FAILURE, "started", then="again"), False),  # RQ is just putting it away
        (as_now(FAILURE, "finished", then="again"), False),  # Frappe hides the failures of its schedules
        (as_now(FAILURE, "failed", then="gave_up"), True),
        (as_now(FAILURE, "failed", then="asks"), True),
        (as_now(FAILURE, "failed", then="again", judged=False), True),
        (as_now(FAILURE, "failed"), True),
        (replace(as_now(FAILURE, "queued"), created_at=NOW), True),  # another one with its id
        (job(FAILURE.job_id, "vanished"), True),
    ],
)
def test_what_has_come_again_already_is_not_given_up(now: Job, given_up: bool) -> None:
    assert ("gave_up" in [alert.on for alert in reported(FAILURE, jobs=(now,))]) == given_up


def test_what_nobody_has_judged_yet_waits_for_the_next_look_and_what_came_after_it_too() -> None:
    first, killed, last = failed(30.0), failed(20.0, kind="WorkHorseTerminated"), failed(10.0)
    left = replace(as_now(killed, "failed"), ended_at=killed.at, error=Failure(killed.type, ""))
    look = bench(policies=Policies({"a.localhost": POLICY_SET}))
    assert alerts.judged(POLICY_SET, [last, killed, first], [left], look) == [first]
    known = replace(left, tries=as_now(killed, then="asks").tries)
    assert alerts.judged(POLICY_SET, [last, killed, first], [known], look) == [last, killed, first]
    nobody = PolicySet([replace(SYNC, alerts=Alerts(TO, ("failed",)))])
    assert alerts.judged(nobody, [last, killed], [left], look) == [last, killed]


def test_a_schedules_policy_hears_of_its_runs_only() -> None:
    assert reported(failed(1.0, method="shop.pull")) == []
    assert [alert.policy.name for alert in reported(failed(1.0, method="shop.pull", scheduled=True))] == ["Pull"]


def test_who_asked_for_nothing_hears_nothing() -> None:
    assert reported(failed(1.0, method="crm.call"), failed(1.0, method="crm.mail")) == []


def test_a_warning_about_its_job_or_its_method() -> None:
    stuck = Warning("overrunning", "warning", "It runs and runs.", job_id="j1", site="a.localhost")
    look = bench(lane(running=(running(),)))
    (alert,) = reported(warnings=(stuck, replace(stuck, message="again")), at=look)
    assert (alert.policy.name, alert.on, alert.text, alert.job_id) == ("Sync", "warning", "It runs and runs.", "j1")
    crash = Warning("crash_loop", "critical", "It crashes.", evidence={"method": "shop.sync"})
    assert [alert.text for alert in reported(warnings=(crash,))] == ["It crashes."]
    near = Warning("timeout_near", "info", "Soon.", job_id="j1")
    other = Warning("no_workers", "critical", "Nobody.", queue="short")
    another = running("j2", call=call("crm.call"))
    assert reported(warnings=(near, other, replace(stuck, job_id="j2")), at=bench(lane(running=(another,)))) == []


def test_the_pause_between_two_is_the_policys(redis: Any) -> None:
    (alert,) = reported(failed(1.0), jobs=(as_now(failed(1.0)),))
    assert [alerts.claim(redis, "a.localhost", alert) for _ in range(3)] == [True, False, False]
    assert alerts.claim(redis, "b.localhost", alert)
    assert alerts.claim(redis, "a.localhost", replace(alert, on="gave_up"))
    at_once = replace(alert, policy=replace(SYNC, alerts=Alerts(TO, ("failed",), 0)))
    assert [alerts.claim(redis, "a.localhost", at_once) for _ in range(2)] == [True, True]


def test_without_a_pause_a_warning_is_reported_once_while_it_lasts(redis: Any) -> None:
    stuck = Warning("overrunning", "warning", "It has run 2 min.", job_id="j1", evidence={"method": "shop.sync"})
    policy_set = PolicySet([replace(SYNC, alerts=Alerts(TO, ("warning",), 0))])

    def reported_to(*warnings: Warning) -> list[str]:
        found = alerts.due(policy_set, [], [], warnings, bench())
        return [alert.text for alert in found if alerts.claim(redis, "a.localhost", alert)]

    assert reported_to(stuck) == ["It has run 2 min."]
    assert reported_to(replace(stuck, message="It has run 3 min.")) == []
    same_method = replace(stuck, job_id="j2", message="Another.")
    assert reported_to(stuck, same_method) == [], "one cause is told once, however many jobs it hits"
    elsewhere = replace(stuck, job_id="j3", queue="bench:long", message="In another lane.")
    assert reported_to(stuck, elsewhere) == ["In another lane."]
    assert reported_to(stuck, elsewhere) == []
    assert all(0 < redis.ttl(key) <= watch_limits.INCIDENT_REOPEN_S for key in redis.keys(keys.own("alerted", "*")))


def test_what_was_seen_is_remembered_and_the_past_is_not_reported(redis: Any) -> None:
    assert alerts.seen(redis, "a.localhost", NOW) == NOW
    alerts.note_seen(redis, "a.localhost", NOW - timedelta(seconds=7))
    assert alerts.seen(redis, "a.localhost", NOW) == NOW - timedelta(seconds=7)

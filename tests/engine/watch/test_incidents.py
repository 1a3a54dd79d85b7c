"""When an incident opens, goes on and ends: a table, written times, no waiting."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from job_console.engine.jobs.redact import Redaction
from job_console.engine.models.warnings import Warning
from job_console.engine.schedule import clock
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.watch import incidents
from job_console.engine.watch import limits as watch_limits
from job_console.engine.watch.incidents import Known, Opened, Reopened, Resolved, Seen, Trouble
from job_console.engine.wire import View

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)


def trouble(key: str = "k", severity: str = "warning") -> Trouble:
    return Trouble(key, "ghost_queued", severity, "a ghost", {})


def known(seen_s: float, resolved_s: float | None = None, severity: str = "warning", key: str = "k") -> Known:
    resolved = None if resolved_s is None else NOW - timedelta(seconds=resolved_s)
    return Known("INC-1", key, severity, 1, NOW - timedelta(seconds=seen_s), resolved)


@pytest.mark.parametrize(
    ("before", "present", "expected"),
    [
        pytest.param([], [trouble()], [Opened], id="new"),
        pytest.param([known(5)], [trouble()], [], id="goes on, and was noted a moment ago"),
        pytest.param([known(watch_limits.INCIDENT_TOUCH_S)], [trouble()], [Seen], id="goes on: noted once a minute"),
        pytest.param([known(5)], [trouble(severity="critical")], [Seen], id="becomes worse: at once"),
        pytest.param([known(5, severity="critical")], [trouble()], [], id="becomes milder: in its time"),
        pytest.param([known(30)], [], [], id="one look that misses it is no end"),
        pytest.param([known(watch_limits.INCIDENT_CALM_S)], [], [Resolved], id="nothing seen for long"),
        pytest.param([known(200, resolved_s=100)], [trouble()], [Reopened], id="comes back soon: the same"),
        pytest.param([known(9_000, resolved_s=8_000)], [trouble()], [Opened], id="comes back late: another one"),
        pytest.param([known(200, resolved_s=100)], [], [], id="ended, and stays so"),
        pytest.param([known(900, resolved_s=100), known(70)], [trouble()], [Seen], id="the open one counts"),
        pytest.param([known(5, key="other")], [trouble()], [Opened], id="another cause"),
    ],
)
def test_what_is_written_down(before: list[Known], present: list[Trouble], expected: list[type]) -> None:
    assert [type(change) for change in incidents.changes(before, present, NOW)] == expected


@pytest.mark.parametrize(
    ("before", "now", "worse"),
    [("warning", "critical", True), ("warning", "warning", False), ("critical", "warning", False)],
)
def test_one_that_comes_back_worse_is_news(before: str, now: str, worse: bool) -> None:
    old = known(200, resolved_s=100, severity=before)
    assert incidents.changes([old], [trouble(severity=now)], NOW) == [Reopened(old, trouble(severity=now), worse)]


BERLIN = ZoneInfo("Europe/Berlin")


def recorded(at: datetime) -> datetime:
    """As a site's database in Berlin keeps it."""
    return at.astimezone(BERLIN).replace(tzinfo=None)


@pytest.mark.parametrize("hour", ["2026-10-25 00:30", "2026-03-29 00:30", "2026-06-01 03:00"])
@pytest.mark.parametrize("seen_s", [0, 1, 60, 300])
def test_a_clock_that_is_put_forward_or_back_changes_nothing(hour: str, seen_s: float) -> None:
    """In each minute of two hours: what was seen so long ago was seen so long ago."""
    for minute in range(120):
        now = datetime.fromisoformat(f"{hour}+00:00") + timedelta(minutes=minute)
        seen = now - timedelta(seconds=seen_s)
        last_seen = clock.showed(recorded(seen), BERLIN, now)
        assert last_seen == seen
        calm = incidents.changes([Known("INC-1", "k", "warning", 1, last_seen)], [], now)
        assert [type(change) for change in calm] == [Resolved] * (seen_s >= watch_limits.INCIDENT_CALM_S)


def test_what_ended_an_hour_ago_does_not_come_back_in_the_hour_that_comes_twice() -> None:
    now = datetime(2026, 10, 25, 1, 10, tzinfo=timezone.utc)  # 02:10, for the second time
    ended = clock.showed(recorded(now - timedelta(minutes=40)), BERLIN, now)
    old = Known("INC-1", "k", "warning", 1, ended, ended)
    assert [type(change) for change in incidents.changes([old], [trouble()], now)] == [Opened]


def test_between_two_notes_of_its_presence_it_cannot_end() -> None:
    assert watch_limits.INCIDENT_CALM_S > watch_limits.INCIDENT_TOUCH_S + schedule_limits.SWEEP_EVERY_S


def test_it_does_not_flap() -> None:
    """There every other look, for an hour: one incident, that ends once."""
    opened = ended = 0
    now, state = NOW, []
    for look in range(720):
        present = [trouble()] if look % 2 == 0 else []
        for change in incidents.changes(state, present, now):
            opened += isinstance(change, (Opened, Reopened))
            ended += isinstance(change, Resolved)
            state = [Known("INC-1", "k", "warning", 1, now)]
        now += timedelta(seconds=5)
    assert (opened, ended) == (1, 0)


def warning(number: int = 0, **more: Any) -> Warning:
    said = {"code": "ghost_queued", "severity": "critical", "message": "m", "queue": "b:short", "site": "a.localhost"}
    return Warning(**{**said, "job_id": f"a.localhost||{number}", "evidence": {"method": "shop.sync"}, **more})


def reported(*warnings: Warning) -> list[Trouble]:
    return incidents.troubles(warnings, View(NOW, Redaction()))


def test_one_cause_that_hits_a_thousand_jobs_is_one() -> None:
    (one,) = reported(*(warning(number) for number in range(1_000)))
    assert (one.jobs, one.method, one.queue) == (1_000, "shop.sync", "b:short")


def test_it_is_as_severe_as_its_worst() -> None:
    (one,) = reported(warning(severity="warning"), warning(1, severity="critical"))
    assert one.severity == "critical"


@pytest.mark.parametrize(
    "other",
    [
        warning(code="worker_lost"),
        warning(queue="b:long"),
        warning(evidence={"method": "shop.mail"}),
        warning(about="a lock"),
        warning(site="b.localhost"),
    ],
)
def test_other_causes_are_others(other: Warning) -> None:
    assert len(reported(warning(), other)) == 2


def test_information_is_no_incident_and_secrets_are_hidden() -> None:
    assert reported(warning(severity="info")) == []
    (one,) = reported(warning(evidence={"method": "m", "api_key": "k1"}, message="token=abc failed"))
    assert "k1" not in str(one)
    assert "abc" not in str(one)


def test_there_is_an_end_to_them() -> None:
    many = reported(*(warning(number, evidence={"method": f"m{number}"}) for number in range(500)))
    opened = [change for change in incidents.changes([], many, NOW) if isinstance(change, Opened)]
    assert len(opened) == watch_limits.INCIDENTS_OPEN


def test_one_that_is_open_does_not_end_because_there_are_many_more() -> None:
    many = reported(*(warning(number, evidence={"method": f"m{number}"}) for number in range(500)))
    last = Known("INC-1", many[-1].key, "critical", 1, NOW - timedelta(hours=1))
    found = incidents.changes([last], many, NOW)
    assert [type(change) for change in found if getattr(change, "known", None) is last] == [Seen]
    assert sum(isinstance(change, Opened) for change in found) == watch_limits.INCIDENTS_OPEN - 1

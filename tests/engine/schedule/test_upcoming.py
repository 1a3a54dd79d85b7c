"""When entries really run: with the ticks, across changes of the clock; and what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from job_console.engine.schedule import clock
from job_console.engine.schedule.models import Schedule
from job_console.engine.schedule.upcoming import Ticks, cadence, missed, next_runs

UTC = timezone.utc
FOUR = Ticks(240.0)
BERLIN = clock.zone("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def starts(expression: str, now: str, count: int, ticks: Ticks = FOUR, where: timezone = UTC) -> list[str]:
    return [f"{each.starts_at:%H:%M}" for each in next_runs(expression, where, ticks, utc(now), count)]


def test_a_run_starts_with_the_tick_after_it_is_due() -> None:
    assert starts("57 0 * * *", "2026-11-23", 2) == ["01:00", "01:00"]
    assert starts("0 * * * *", "2026-11-23T10:00:01", 2) == ["11:00", "12:00"]


def test_what_is_finer_than_the_tick_runs_with_every_tick() -> None:
    assert starts("* * * * *", "2026-11-23T10:01", 3) == ["10:04", "10:08", "10:12"]
    assert starts("*/5 * * * *", "2026-11-23T10:01", 5) == ["10:08", "10:12", "10:16", "10:20", "10:28"]


def test_ticks_of_another_pace_count_from_one_that_is_known() -> None:
    odd = Ticks.of(Schedule("a", True, tick_s=60.0, ticked_at=utc("2026-11-23T09:59:37")))
    run = next_runs("0 * * * *", UTC, odd, utc("2026-11-23T09:59:50"), 1)[0]
    assert run.starts_at == utc("2026-11-23T10:00:37")
    assert Ticks.of(Schedule("a", True, tick_s=240.0, ticked_at=utc("2026-11-23T09:59:37"))) == FOUR


def test_a_skipped_hour_and_one_that_comes_twice_are_marked() -> None:
    spring = next_runs("30 2 * * *", BERLIN, FOUR, utc("2026-03-28T12:00"), 2)
    assert [(each.due_at, each.oddity) for each in spring] == [
        (utc("2026-03-29T01:00"), "skipped"),
        (utc("2026-03-30T00:30"), None),
    ]
    autumn = next_runs("30 2 * * *", BERLIN, FOUR, utc("2026-10-24T12:00"), 2)
    assert [(each.due_at, each.oddity) for each in autumn] == [
        (utc("2026-10-25T00:30"), "twice"),
        (utc("2026-10-26T01:30"), None),
    ]


def test_what_cannot_be_read_never_runs() -> None:
    assert next_runs("0 0 30 2 *", UTC, FOUR, utc("2026-11-23"), 10) == []
    assert cadence("nonsense", UTC, FOUR, utc("2026-11-23")).due == 0


@pytest.mark.parametrize(
    ("expression", "due", "runs"),
    [
        ("* * * * *", 1440, 360),
        ("*/4 * * * *", 360, 360),
        ("*/5 * * * *", 288, 288),
        ("*/7 * * * *", 216, 216),
        ("*/3 * * * *", 480, 360),
        ("0 0 * * *", 1, 1),
    ],
)
def test_how_often_it_is_due_and_how_often_ticks_let_it_run(expression: str, due: int, runs: int) -> None:
    found = cadence(expression, UTC, FOUR, utc("2026-11-23T00:00"))
    assert (found.due, found.runs, found.coarser) == (due, runs, runs < due)


def test_what_was_missed() -> None:
    last, now = utc("2026-11-20T00:00:20"), utc("2026-11-23T10:00")
    assert missed("0 0 * * *", UTC, last, now, 10) == [utc(f"2026-11-{day}") for day in (21, 22, 23)]
    assert missed("0 0 * * *", UTC, last, now, 2) == [utc("2026-11-22"), utc("2026-11-23")]
    assert missed("0 0 * * *", UTC, now, now + timedelta(hours=1), 10) == []
    assert len(missed("0 0 * * *", UTC, utc("2020-01-01"), now, 1000)) == 31

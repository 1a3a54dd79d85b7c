"""When entries really run: with the ticks, across changes of the clock; and what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.models.schedule import Schedule
from job_console.engine.schedule import clock, cron
from job_console.engine.schedule.upcoming import Ticks, cadence, missed, next_runs, occasions
from tests.support.sizes import sized

from .expressions import field

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


#: In Berlin the wall shows 02:00 to 02:59 from 00:00 UTC on, and once more from 01:00 UTC on.
IN_THAT_HOUR = {
    "its first pass": ("*/20 * * * *", "00:10", ["00:20", "00:40", "02:00"]),
    "its second pass": ("*/20 * * * *", "01:10", ["01:20", "01:40", "02:00"]),
    "once more to come": ("55 * * * *", "01:10", ["01:56", "02:56", "03:56"]),
    "at the change": ("0 * * * *", "01:00", ["02:00", "03:00", "04:00"]),
    "no tick in the first pass sees it": ("58 2 * * *", "00:10", ["02:00", "02:00", "02:00"]),
}


@pytest.mark.parametrize(("expression", "now", "expected"), IN_THAT_HOUR.values(), ids=IN_THAT_HOUR)
def test_runs_in_an_hour_that_comes_twice(expression: str, now: str, expected: list[str]) -> None:
    assert starts(expression, f"2026-10-25T{now}", 3, where=BERLIN) == expected


def test_what_runs_in_the_second_pass_runs_once() -> None:
    (run,) = next_runs("55 * * * *", BERLIN, FOUR, utc("2026-10-25T01:10"), 1)
    assert (run.due_at, run.oddity) == (utc("2026-10-25T01:55"), None)


CHANGES = [("Europe/Berlin", "2026-10-25T01:00"), ("Europe/Berlin", "2026-03-29T01:00")]
CHANGES += [("Australia/Lord_Howe", "2026-04-04T15:00"), ("Australia/Lord_Howe", "2026-10-03T15:30")]


@settings(max_examples=sized(50, 150), deadline=None)
@given(
    expression=st.tuples(field(0), field(1)).map(lambda both: f"{both[0]} {both[1]} * * *"),
    change=st.sampled_from(CHANGES),
    minutes=st.integers(-150, 150),
    ago=st.integers(0, 300),
)
def test_runs_are_those_of_a_scheduler_that_compares_walls(
    expression: str, change: tuple[str, str], minutes: int, ago: int
) -> None:
    """As Frappe's does: at each tick it asks whether the wall shows a later time than is due after its last run."""
    where, now = clock.zone(change[0]), utc(change[1]) + timedelta(minutes=minutes)
    last = clock.wall(now - timedelta(minutes=ago), where)
    ours = [run.starts_at for run in islice(occasions(expression, where, FOUR, last, now), 3)]
    tick, theirs = FOUR.next(now), []
    while len(theirs) < len(ours) and tick < now + timedelta(days=4):
        shown = clock.wall(tick, where)
        if cron.next_after(expression, last) <= shown:
            theirs.append(tick)
            last = shown
        tick += timedelta(seconds=240)
    assert ours == theirs


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


def test_what_is_due_just_now_is_not_missed_by_the_hour_that_came_twice() -> None:
    last = clock.reaches(datetime.fromisoformat("2026-10-25T02:10"), BERLIN)  # as the database has it, without its pass
    now = utc("2026-10-25T01:20:10")
    assert missed("*/20 * * * *", BERLIN, last, now, 10) == [utc("2026-10-25T01:20")]
    assert missed("*/20 * * * *", BERLIN, last, utc("2026-10-25T00:20:10"), 10) == [utc("2026-10-25T00:20")]
    assert missed("*/20 * * * *", BERLIN, utc("2026-10-25T00:50"), utc("2026-10-25T01:30"), 10) == []

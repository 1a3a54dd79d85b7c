"""When cron expressions match: compared with croniter, which Frappe asks, and with an implementation by others."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from itertools import islice, pairwise

import pytest
from croniter import croniter
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from job_console.engine.schedule import clock, cron
from tests.support.sizes import sized

from .expressions import expressions, field, listed, special

UTC = timezone.utc
YEARS = [datetime.fromisoformat(day) for day in ("2023-01-01", "2029-12-31")]
moments = st.datetimes(*YEARS).map(lambda at: at.replace(microsecond=0))
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


#: croniter 2 goes from a February without a 29th past the first days of March, where days 29 to 31 are wanted as well.
FORGETS_MARCH = croniter("0 0 1,30 * *", at("2026-02-02")).get_next(datetime) != at("2026-03-01")


def first(expression: str, wall: datetime) -> datetime | None:
    return next(cron.read(expression).matches(wall), None)


@settings(max_examples=sized(200, 1_000), deadline=None)
@given(expression=st.one_of(expressions(), special), wall=moments)
@example(expression="0 0 29 2 *", wall=at("2025-03-01"))
@example(expression="59 23 31 12 *", wall=at("2025-12-31T23:59:00"))
def test_many_dates_are_those_that_croniter_gives_one_by_one(expression: str, wall: datetime) -> None:
    try:
        theirs = croniter(expression, wall).get_next(datetime)
    except ValueError:
        assume(False)  # it finds none where a day of the month never comes, whatever the weekday says: `check` says so
    ours = first(expression, wall)
    assert ours == theirs or (FORGETS_MARCH and (ours.month, ours.day) <= (3, 3) < (theirs.month, theirs.day))


@settings(max_examples=sized(50, 150), deadline=None)
@given(expression=expressions(), wall=moments)
def test_each_match_is_the_first_after_the_one_before(expression: str, wall: datetime) -> None:
    found = list(islice(cron.read(expression).matches(wall), 50))
    assert all(first(expression, before) == each for before, each in pairwise([wall, *found]))


@settings(max_examples=sized(200, 1_000), deadline=None)
@given(expression=expressions(day_steps=False), wall=moments)
def test_an_independent_implementation_says_the_same(expression: str, wall: datetime) -> None:
    cronsim = pytest.importorskip("cronsim")
    try:
        theirs = next(cronsim.CronSim(expression, wall), None)
    except cronsim.CronSimError:  # a day that never comes
        theirs = None
    ours = first(expression, wall)
    assert ours == theirs or (theirs is None and ours is None)


def test_where_it_does_not() -> None:
    """Where a field of days starts with a star and yet says something, Debian's cron wants both, croniter one."""
    cronsim = pytest.importorskip("cronsim")
    expression, wall = "0 0 */2 * 1", at("2026-11-01T12:00:00")
    assert next(cronsim.CronSim(expression, wall)) == at("2026-11-09")  # an odd day and a Monday
    assert first(expression, wall) == cron.next_after(expression, wall) == at("2026-11-02")  # a Monday


fixed = st.tuples(listed(0), listed(1), field(2, False), field(3, False), field(4, False)).map(" ".join)


@settings(max_examples=sized(80, 300), deadline=None)
@given(expression=fixed, moment=moments, name=st.sampled_from(ZONES))
@example(expression="30 2 * * *", moment=at("2026-03-28T12:00:00"), name="Europe/Berlin")
@example(expression="30 2 * * *", moment=at("2026-10-24T12:00:00"), name="Europe/Berlin")
@example(expression="0,15,30,45 2 * * *", moment=at("2026-03-28T12:00:00"), name="Europe/Berlin")
@example(expression="45 1 * * *", moment=at("2026-10-03T00:00:00"), name="Australia/Lord_Howe")
@example(expression="3 2 * * *", moment=at("2023-03-01T00:00:00"), name="Europe/Berlin")
def test_times_of_day_cross_changes_of_the_clock_as_in_debian(expression: str, moment: datetime, name: str) -> None:
    """Skipped: at the change. Twice: the first time only. Several in a skipped hour are one run."""
    cronsim = pytest.importorskip("cronsim")
    where = clock.zone(name)
    try:
        theirs = [
            each.astimezone(UTC) for each in islice(cronsim.CronSim(expression, moment.replace(tzinfo=where)), 30)
        ]
    except cronsim.CronSimError:
        assume(False)
    assume(not clock.oddity(moment, where))
    ours = [clock.reaches(shown, where) for shown in islice(cron.read(expression).matches(moment), 40)]
    span = min(ours[-1], theirs[-1]) if ours and theirs else None
    assert {each for each in ours if each <= span} == {each for each in theirs if each <= span}


def test_in_the_hour_that_comes_twice_frappe_rests() -> None:
    """Debian's cron goes by real time for `*`; Frappe compares walls, and the wall has passed that hour before."""
    cronsim = pytest.importorskip("cronsim")
    berlin, evening = clock.zone("Europe/Berlin"), at("2026-10-25T01:30:00")
    theirs = islice(cronsim.CronSim("*/30 * * * *", evening.replace(tzinfo=berlin)), 6)
    ours = islice(cron.read("*/30 * * * *").matches(evening), 4)
    assert [each.astimezone(UTC).strftime("%H:%M") for each in theirs] == [
        "00:00",
        "00:30",
        "01:00",
        "01:30",
        "02:00",
        "02:30",
    ]
    assert [clock.reaches(each, berlin).strftime("%H:%M") for each in ours] == ["00:00", "00:30", "02:00", "02:30"]


@settings(max_examples=sized(80, 300), deadline=timedelta(seconds=2))
@given(text=st.one_of(st.text(max_size=200), st.text("0123456789*/-,#lLwWhHrR?@ ", max_size=200)))
@example(text="0 0 31 2,4,6,9,11 *")
@example(text="*/1" + ",*/1" * 30 + " * * * *")
@example(text="0-59/1 " * 5)
@example(text="9" * 140)
def test_hostile_text_costs_little_and_never_more_than_a_refusal(text: str) -> None:
    cron.next_after.__wrapped__(text, at("2026-01-01"))
    with suppress(ValueError):
        cron.read.__wrapped__(text)

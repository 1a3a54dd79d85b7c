"""A wall that skips an hour and shows another one twice."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job_console.engine.schedule import clock

UTC = timezone.utc
BERLIN = clock.zone("Europe/Berlin")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Cairo",
]

REACHES = {
    "winter": ("2026-01-10 02:30", "2026-01-10 01:30"),
    "summer": ("2026-07-10 02:30", "2026-07-10 00:30"),
    "skipped: at the change": ("2026-03-29 02:30", "2026-03-29 01:00"),
    "the first minute after it": ("2026-03-29 03:00", "2026-03-29 01:00"),
    "the last one before it": ("2026-03-29 01:59", "2026-03-29 00:59"),
    "twice: the first time": ("2026-10-25 02:30", "2026-10-25 00:30"),
    "after it came twice": ("2026-10-25 03:00", "2026-10-25 02:00"),
}


@pytest.mark.parametrize(("shown", "moment"), REACHES.values(), ids=REACHES)
def test_when_a_wall_in_berlin_shows_it(shown: str, moment: str) -> None:
    assert clock.reaches(datetime.fromisoformat(shown), BERLIN) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


#: Seen at: in Berlin the wall shows 02:00 to 02:59 from 00:00 UTC on, and once more from 01:00 UTC on.
SEEN = {
    "before that hour": ("00:20", "23:50", "00:20"),
    "in its first pass, and to come": ("00:20", "00:10", "00:20"),
    "in its first pass, and passed": ("00:20", "00:30", "00:20"),
    "in its second pass, and to come again": ("00:20", "01:10", "01:20"),
    "in its second pass, and passed again": ("00:20", "01:20", "01:20"),
    "after it": ("00:20", "05:00", "01:20"),
}


@pytest.mark.parametrize(("first", "now", "moment"), SEEN.values(), ids=SEEN)
def test_which_of_the_two_moments_is_meant_depends_on_now(first: str, now: str, moment: str) -> None:
    def on_that_night(at: str) -> datetime:
        return datetime.fromisoformat(f"2026-10-{24 if at > '20' else 25} {at}").replace(tzinfo=UTC)

    shown = clock.wall(on_that_night(first), BERLIN)
    assert clock.reaches(shown, BERLIN, on_that_night(now)) == on_that_night(moment)


def test_what_the_wall_has_shown_is_never_to_come() -> None:
    shown = datetime.fromisoformat("2026-10-25 02:50")
    for now, moment in {"00:55": "00:50", "01:10": "00:50", "01:55": "01:50"}.items():
        seen, found = (datetime.fromisoformat(f"2026-10-25 {at}").replace(tzinfo=UTC) for at in (now, moment))
        assert clock.showed(shown, BERLIN, seen) == found


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert clock.zone("Mars/Olympus") is UTC
    assert clock.zone("../../etc/passwd") is UTC
    assert clock.zone("") is UTC


@given(
    shown=st.datetimes(*map(datetime.fromisoformat, ("2026-10-24 23:00", "2026-10-25 05:00"))),
    minutes=st.integers(-360, 360),
    name=st.sampled_from(["Europe/Berlin", "UTC"]),
)
def test_it_has_come_when_the_wall_says_so(shown: datetime, minutes: int, name: str) -> None:
    """That is what Frappe goes by."""
    where, shown = clock.zone(name), shown.replace(microsecond=0)
    now = datetime(2026, 10, 25, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert (clock.reaches(shown, where, now) <= now) == (clock.wall(now, where) >= shown)


@given(shown=st.datetimes(*map(datetime.fromisoformat, ("1990-01-01", "2040-01-01"))), name=st.sampled_from(ZONES))
def test_it_is_the_first_such_moment(shown: datetime, name: str) -> None:
    where, shown = clock.zone(name), shown.replace(microsecond=0)
    found = clock.reaches(shown, where)
    assert clock.wall(found, where) >= shown
    assert clock.wall(found - timedelta(seconds=1), where) < shown

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


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert clock.zone("Mars/Olympus") is UTC
    assert clock.zone("../../etc/passwd") is UTC
    assert clock.zone("") is UTC


@given(shown=st.datetimes(*map(datetime.fromisoformat, ("1990-01-01", "2040-01-01"))), name=st.sampled_from(ZONES))
def test_it_is_the_first_such_moment(shown: datetime, name: str) -> None:
    where, shown = clock.zone(name), shown.replace(microsecond=0)
    found = clock.reaches(shown, where)
    assert clock.wall(found, where) >= shown
    assert clock.wall(found - timedelta(seconds=1), where) < shown

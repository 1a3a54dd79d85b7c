"""When schedules enqueue, and when they would."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from job_console.engine.errors import BadRequest
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.simulation.due import names, times

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
KEY, HOUR = ("shop.close", "b:long"), 3600


def entry(record: str, cron: str, method: str = "shop.close", **fields: object) -> ScheduleEntry:
    return ScheduleEntry(record, method, cron, "b:long", due_at=NOW, **fields)  # type: ignore[arg-type]


def site(*entries: ScheduleEntry, zone: str = "UTC", running: bool = True) -> Schedule:
    return Schedule("a.localhost", running, zone=zone, entries=entries)


def test_it_is_enqueued_by_the_tick_after_its_time_on_the_sites_wall() -> None:
    # A tick every four minutes, at whole multiples: 02:30 in India is 21:00 UTC.
    before, after = times([site(entry("close", "30 2 * * *"), zone="Asia/Kolkata")], NOW, {})
    assert (before, after) == ({KEY: [21 * HOUR]}, {})
    before, _after = times([site(entry("close", "1,2 5 * * *"))], NOW, {})
    assert before == {KEY: [5 * HOUR + 240]}


def test_one_that_is_moved_has_other_times_and_the_others_keep_theirs() -> None:
    schedules = [site(entry("close", "0 2 * * *"), entry("close again", "0 4 * * *"))]
    before, after = times(schedules, NOW, {"close": "0 */12 * * *"})
    assert sorted(before[KEY]) == [2 * HOUR, 4 * HOUR]
    assert sorted(after[KEY]) == [0, 4 * HOUR, 12 * HOUR]
    assert times(schedules, NOW, {"shop.close": "0 1 * * *"})[1] == {KEY: [HOUR, HOUR]}
    # On Sundays: not within the next day, which is a Monday's; it is played at its time of the day.
    assert times(schedules, NOW, {"close": "0 3 * * 0"})[1][KEY] == [3 * HOUR, 4 * HOUR]


def test_what_does_not_run_cannot_be_moved_and_what_is_no_expression_is_refused() -> None:
    stopped, off = site(entry("close", "0 2 * * *", stopped=True)), site(entry("close", "0 2 * * *"), running=False)
    assert times([stopped, off], NOW, {}) == ({}, {})
    assert names([stopped, off]) == []
    for schedules in ([stopped], [off], []):
        with pytest.raises(BadRequest, match="There is no schedule close that runs"):
            times(schedules, NOW, {"close": "0 3 * * *"})
    with pytest.raises(BadRequest, match="is no cron expression"):
        times([site(entry("close", "0 2 * * *"))], NOW, {"close": "61 * * * *"})

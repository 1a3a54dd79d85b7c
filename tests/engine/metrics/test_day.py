"""What was counted today, for series that are few and only go down at midnight."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.metrics import limits
from job_console.engine.metrics.day import Chosen, DayReader

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
SHORT, OTHERS_BENCH = "bench:short", "another:short"


def ended(redis: Any, method: str, outcome: str = "finished", at: datetime = NOW, **more: Any) -> None:
    known = {"queue": SHORT, "run_s": 3.0, "wait_s": 0.5, "site": "a.localhost", **more}
    statistics.record(redis, EndedRun(method, outcome=outcome, at=at, **known))


def test_it_counts_this_day_and_this_bench(redis: Any) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    ended(redis, "shop.sync", at=midnight - timedelta(seconds=1))
    ended(redis, "shop.sync", at=midnight)
    ended(redis, "shop.sync", "failed")
    ended(redis, "shop.sync", queue=OTHERS_BENCH)
    runs = DayReader(redis, "bench:").read(NOW)
    assert {key: count for key, count in runs.ended.items() if count} == {
        (SHORT, "shop.sync", "finished"): 1,
        (SHORT, "shop.sync", "failed"): 1,
    }
    assert runs.ran == {SHORT: {statistics.bucket(3.0): 1}}, "of those that ended well"
    assert runs.waited == {SHORT: {statistics.bucket(0.5): 2}}


def test_it_costs_a_round_trip_and_one_more_once_a_day(redis: Any, round_trips: Any) -> None:
    reader, costs = DayReader(redis, ""), []
    for at in (NOW, NOW, NOW, NOW + timedelta(days=1)):
        with round_trips() as counted:
            reader.read(at)
        costs.append(len(counted))
    assert costs == [2, 1, 1, 2]


def test_of_a_site_it_counts_that_site_since_midnight(redis: Any, round_trips: Any) -> None:
    ended(redis, "shop.sync", at=NOW.replace(hour=0, minute=0))
    ended(redis, "shop.sync", "failed", scheduled=True)
    ended(redis, "shop.sync", at=NOW - timedelta(days=1))
    ended(redis, "shop.theirs", site="b.localhost")
    reader = DayReader(redis, "bench:")
    with round_trips() as counted:
        assert reader.read_site("a.localhost", NOW) == {"shop.sync": 2}
    assert len(counted) == 1
    assert reader.read_site("b.localhost", NOW) == {"shop.theirs": 1}


def test_methods_beyond_the_first_are_counted_together(redis: Any) -> None:
    for number in range(limits.METHODS + 3):
        ended(redis, f"shop.m{number}")
    runs = DayReader(redis, "").read(NOW)
    assert len({method for _queue, method, _outcome in runs.ended}) == limits.METHODS + 1
    assert runs.ended[SHORT, limits.OTHER, "finished"] == 3
    assert sum(DayReader(redis, "").read_site("a.localhost", NOW).values()) == limits.METHODS + 3


def test_the_methods_that_have_series_stay_the_same_all_day() -> None:
    """Else the counter of the others would go down, and a rate take that for a restart."""
    chosen, yesterday = Chosen(3), {"b": 9, "a": 9, "(other)": 99}
    assert chosen.of("Monday", {"c": 1}, lambda: yesterday) == {"a", "b", "c"}
    assert chosen.of("Monday", {"c": 1, "d": 500}, dict) == {"a", "b", "c"}
    assert chosen.of("Tuesday", {"c": 1}, lambda: {"d": 500, "c": 2}) == {"d", "c"}
    assert chosen.of("Tuesday", {"e": 1, "f": 2}, dict) == {"d", "c", "f"}

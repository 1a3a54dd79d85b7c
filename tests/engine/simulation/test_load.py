"""The load that is read from history: days, kinds of jobs, bursts, and how long a horse takes to start."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import redis as redis_py

from job_console.engine.history.archive import DAY_S, HOUR_S
from job_console.engine.simulation.load import kind_of
from tests.engine.simulation.recorded import NOW, one_by_one, put_away, read


def test_days_are_whole_and_cut_where_least_comes(redis: redis_py.Redis) -> None:
    # From noon to midnight, for four days and a half; nothing comes at seven in the morning.
    runs = [
        (NOW - 4.5 * DAY_S + HOUR_S * hour + 60, "shop.send", "b:short", 0.02, 1.0)
        for hour in range(108)
        if (12 + hour) % 24 != 7
    ]
    put_away(redis, [*runs, (NOW - 60, "other.bench", "another:short", 0.0, 1.0)])
    load = read(redis)
    assert load.lanes == ["b:short"]
    assert [day[0] // HOUR_S % 24 for day in load.days] == [7] * 3
    assert load.days[-1][-1] == NOW - 18 * HOUR_S
    assert all(len(day) == 24 and load.jobs(day) == 23 for day in load.days)
    assert load.workers is None


def test_less_than_a_day_is_no_day(redis: redis_py.Redis) -> None:
    put_away(redis, [(NOW - HOUR_S * hour - 60, "shop.send", "b:short", 0.02, 1.0) for hour in range(20)])
    assert read(redis).days == ()
    assert read(redis, "nobody:").kinds == {}


def test_a_kind_runs_as_long_as_was_counted_and_failures_take_what_is_left() -> None:
    kind = kind_of("shop.send", "b:short", Counter({"k": 30, "f": 8, "t": 2, "s": 130_000, "R180": 30, "W120": 40}))
    assert kind.runs == 40
    assert kind.at_most == (30, 40)
    # Thirty runs of a second; ten others took a hundred seconds together.
    assert kind.seconds == (pytest.approx(1.0, rel=0.02), pytest.approx(10.0, rel=0.1))
    assert kind.lasts_s == pytest.approx(3.25 + 0.1, rel=0.02)


def test_minutes_tell_in_what_bursts_jobs_come(redis: redis_py.Redis) -> None:
    dice = random.Random(2)
    runs = one_by_one(days=2, a_day=2000, run_s=0.5, workers=4)
    for _burst in range(100):
        ended_at = NOW - dice.random() * 2 * DAY_S
        runs += [(ended_at, "shop.news", "b:short", 0.02, 0.1)] * round(dice.gammavariate(2, 10))
    put_away(redis, runs)
    kinds = read(redis).kinds
    assert kinds["shop.send", "b:short"].burst == pytest.approx(1.0, abs=0.15)
    assert kinds["shop.news", "b:short"].burst == pytest.approx(20, rel=0.3)


def test_hours_tell_it_of_a_method_that_did_not_run_in_the_last_day(redis: redis_py.Redis) -> None:
    dice = random.Random(3)
    runs = one_by_one(days=12, a_day=300, run_s=0.5, workers=4)
    for _burst in range(100):
        ended_at = NOW - DAY_S - dice.random() * 11 * DAY_S
        runs += [(ended_at, "shop.news", "b:short", 0.02, 0.1)] * round(dice.gammavariate(2, 10))
    put_away(redis, runs)
    assert read(redis).kinds["shop.news", "b:short"].burst == pytest.approx(20, rel=0.4)


def test_the_quiet_hours_tell_how_long_a_horse_takes(redis: redis_py.Redis) -> None:
    runs = one_by_one(days=3, a_day=40_000 // 24, run_s=20.0, workers=2)
    # At night hardly anything comes.
    night = [run for run in runs if run[0] % DAY_S < 8 * HOUR_S]
    put_away(redis, [run for run in runs if run not in night] + night[::20])
    load = read(redis)
    assert load.start_s[20] == pytest.approx(0.02, rel=0.05)
    assert load.start_s[-1] < 0.11
    assert load.after_s == pytest.approx(0.02, rel=0.05)

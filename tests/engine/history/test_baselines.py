"""What is unusual for this hour: on simulated days nothing is said without a fault, and each fault is said in time."""

from __future__ import annotations

import math
from datetime import datetime, timezone

import pytest

from job_console.engine.history import baselines, limits, narrow
from job_console.engine.history.archive import DAY_S, HOUR_S
from job_console.engine.history.baselines import MethodPast

from .simulated_days import BEGIN, Days, Fault, Lane, Method

SINCE = BEGIN + 28 * DAY_S
METHODS = [
    Method("busy", 600, 0.5, 0.6, 0.002),
    Method("mid", 120, 2.0, 0.8, 0.01),
    Method("nightly", 60, 5.0, 0.5, 0.05, at_night=4),
]
LANES = [Lane("short", 1_200, 25, hourly=60), Lane("long", 60, 3, nightly=300)]
FAULTS = {
    "slower": Fault(SINCE + 10 * HOUR_S, "busy", slower=3),
    "slower, of few runs": Fault(SINCE + 12 * HOUR_S, "mid", slower=4),
    "failing": Fault(SINCE + 13 * HOUR_S, "busy", fails=0.1),
    "failing, of few runs": Fault(SINCE + 10 * HOUR_S, "mid", fails=0.3),
    "filling": Fault(SINCE + 9 * HOUR_S, lane="short", drains=0.3),
}


def test_calm_days_and_faults() -> None:
    """A day with a fault every hour or two, of which each is said before it ends, and nothing else is."""
    said = Days(5, METHODS, LANES, 29, list(FAULTS.values())).alarms(SINCE)
    assert said.windows == 144
    for found, names in (
        (said.slower, ("slower", "slower, of few runs")),
        (said.failing_more, ("failing", "failing, of few runs")),
        (said.filling, ("filling",)),
    ):
        wanted = {FAULTS[name].method or FAULTS[name].lane: FAULTS[name] for name in names}
        assert found.keys() == wanted.keys()
        for name, ends in found.items():
            fault = wanted[name]
            assert fault.at < ends[0] <= fault.at + fault.lasts_s
            assert ends[-1] <= fault.at + fault.lasts_s + limits.LATELY_S + HOUR_S


def test_the_hours_it_is_compared_with_are_the_same_ones() -> None:
    now = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)  # a Monday
    pasts = baselines.pasts(now.timestamp())
    weeks, days = ([datetime.fromtimestamp(hour, timezone.utc) for hour in pasts[kind]] for kind in ("week", "day"))
    assert {(each.weekday(), each.hour) for each in weeks} == {(0, 15), (0, 16), (0, 17)}
    assert {each.hour for each in days} == {15, 16, 17}
    assert (len(weeks), len(days)) == (12, 21)
    assert max(*weeks, *days) < now.replace(day=22, hour=18)


def test_a_past_of_few_hours_is_none() -> None:
    past = MethodPast("week")
    hour = {f"R{narrow.bucket(2.0)}": limits.PAST_RUNS, "k": limits.PAST_RUNS}
    for _ in range(limits.PAST_HOURS - 1):
        past.add(hour)
    past.add({f"R{narrow.bucket(2.0)}": limits.PAST_RUNS - 1, "k": limits.PAST_RUNS - 1})  # says nothing
    assert (past.ran(), past.failures()) == (None, None)
    past.add(hour)
    ran, failures = past.ran(), past.failures()
    assert ran is not None
    assert math.exp(ran.median) == pytest.approx(2.0, rel=0.02)
    assert failures is not None
    assert failures.share == pytest.approx(1 / (limits.PAST_HOURS * limits.PAST_RUNS + 2))


def test_one_bad_hour_of_the_past_changes_nothing() -> None:
    good, bad = MethodPast("week"), MethodPast("week")
    for number in range(12):
        hour = {f"R{narrow.bucket(2.0)}": 99, "k": 99, "f": 1}
        good.add(hour)
        bad.add({f"R{narrow.bucket(60.0)}": 20, "k": 20, "f": 80} if number == 5 else hour)
    assert (good.ran(), good.failures()) == (bad.ran(), bad.failures())


@pytest.mark.parametrize(("failed", "runs", "share"), [(5, 40, 0.05), (1, 10, 0.5), (10, 10, 0.9), (30, 3_000, 0.002)])
def test_the_chance_is_that_of_a_binomial_distribution(failed: int, runs: int, share: float) -> None:
    below = sum(math.comb(runs, n) * share**n * (1 - share) ** (runs - n) for n in range(failed))
    assert baselines.chance(failed, runs, share) == pytest.approx(1 - below, rel=1e-6)

"""What is said of other workers comes true: loads whose waiting is worked out by other means than the simulation's."""

from __future__ import annotations

from typing import Any

import pytest
import redis as redis_py

from job_console.engine.history.archive import DAY_S
from job_console.engine.simulation import limits
from job_console.engine.simulation.changes import Changes, Goal
from job_console.engine.simulation.limits import Budget
from job_console.engine.simulation.load import Load
from job_console.engine.simulation.measured import percentile
from job_console.engine.simulation.what_if import Answer, chosen, what_if
from tests.engine.simulation.recorded import NOW, one_by_one, put_away, read

SHORT, LONG = ("b:short",), ("b:long",)
RUN_S, A_DAY = 60.0, 2300
#: Five days, played twice; and of fewer jobs in a search twenty days twelve times more.
SMALL, OF_A_SEARCH = Budget(24_000, 7000), Budget(80_000, 7000)


@pytest.fixture
def busy(redis: redis_py.Redis) -> Load:
    """Two workers that are busy four fifths of the time."""
    put_away(redis, one_by_one(days=6, a_day=A_DAY, run_s=RUN_S, workers=2))
    return read(redis)


@pytest.fixture
def slow(redis: redis_py.Redis) -> Load:
    """The same with a tenth of the jobs, which run ten times as long."""
    put_away(redis, one_by_one(days=6, a_day=A_DAY // 10, run_s=10 * RUN_S, workers=2))
    return read(redis)


def asked(load: Load, changes: Changes, now: Any = (SHORT, SHORT), budget: Budget = SMALL) -> Answer:
    found = what_if(load, now, changes, ({}, {}), budget)
    assert found is not None
    return found


@pytest.mark.parametrize("workers", [2, 3])
def test_the_wait_with_other_workers_is_what_they_really_bring(busy: Load, workers: int) -> None:
    found = asked(busy, Changes((SHORT,) * workers))
    really = sorted(wait_s for _at, _method, _lane, wait_s, _ran in one_by_one(6, A_DAY, RUN_S, workers, seed=9))
    (lane,) = found.lanes
    assert lane.then["p90"] == pytest.approx(percentile(really, 0.9), rel=0.2)
    assert lane.now["p90"] == pytest.approx(lane.observed["p90"], rel=0.2)
    assert found.then.busy == pytest.approx(A_DAY * RUN_S / DAY_S / workers, rel=0.05)
    assert lane.telling


def waiting_longer(redis: redis_py.Redis, by_s: float) -> Load:
    """Jobs of a second each, and a worker that does not come at once, at any hour."""
    runs = one_by_one(days=6, a_day=A_DAY, run_s=1.0, workers=1)
    put_away(redis, [(at, method, lane, wait_s + by_s, ran) for at, method, lane, wait_s, ran in runs])
    return read(redis)


def test_a_job_that_waits_in_the_quiet_hours_too_is_not_one_that_takes_long_to_start(redis: redis_py.Redis) -> None:
    load = waiting_longer(redis, 40.0)
    assert min(load.start_s) * A_DAY > DAY_S, "one worker could not even start them all"
    found = asked(load, Changes((SHORT,)), now=(SHORT,))
    assert found.start_s * A_DAY < DAY_S
    (lane,) = found.lanes
    assert lane.telling
    assert lane.now["p90"] is not None
    assert lane.now["p90"] < 130


def test_there_is_no_telling_of_what_is_not_played_as_it_is(redis: redis_py.Redis) -> None:
    load = waiting_longer(redis, 20_000.0)
    found = asked(load, Changes((SHORT,), goal=Goal("b:short", 10.0)), now=(SHORT,))
    (lane,) = found.lanes
    assert lane.known_enough
    assert not lane.telling
    assert found.least is None


def test_nothing_changed_is_the_same(busy: Load) -> None:
    found = asked(busy, Changes((SHORT, SHORT)))
    assert found.now == found.then
    assert (found.days, found.days_known, found.hours) == (5, 5, 24)


def test_a_method_that_is_moved_waits_where_it_goes(busy: Load) -> None:
    found = asked(busy, Changes((SHORT, SHORT), moved={"shop.send": "b:long"}), now=(SHORT, SHORT))
    long, short = found.lanes
    assert (long.name, long.unserved, short.jobs) == ("b:long", long.jobs, 0)
    assert long.unserved == pytest.approx(found.days * A_DAY, rel=0.01)
    served = asked(busy, Changes((SHORT, LONG, LONG), moved={"shop.send": "b:long"}))
    assert served.lanes[0].then["p90"] == pytest.approx(served.lanes[1].now["p90"], rel=0.2)


def test_a_schedule_that_is_moved_comes_at_its_other_time(redis: redis_py.Redis) -> None:
    """A long job in the morning holds up what comes then; moved into the night it does not."""
    nines = [NOW - day * DAY_S + 9 * 3600 for day in (1, 2, 3)]
    morning = [(nine + 3.6 * number, "shop.send", "b:short", 0.02, 0.5) for nine in nines for number in range(1000)]
    close = [(nine + 600, "shop.close", "b:short", 0.02, 600.0) for nine in nines]
    put_away(redis, [*morning, *close, (NOW - 3 * DAY_S, "shop.send", "b:short", 0.02, 0.5)])
    key = ("shop.close", "b:short")
    due = ({key: [9.0 * 3600]}, {key: [2.0 * 3600]})
    found = what_if(read(redis), [SHORT], Changes((SHORT,)), due, SMALL)
    assert found is not None
    (lane,) = found.lanes
    assert lane.now["p90"] > 100  # type: ignore[operator]
    assert lane.then["p90"] < 10  # type: ignore[operator]
    assert found.now.jobs == found.then.jobs


def test_the_least_that_keeps_a_goal_is_found(slow: Load) -> None:
    goal = Goal("b:short", 1200.0, 0.9)
    least = asked(slow, Changes((SHORT, SHORT), goal=goal), budget=OF_A_SEARCH).least
    assert least is not None
    assert least.kept < 0.99 * least.days
    (option,) = least.options
    assert (option.kind, option.kept) == ("more", least.days)
    ((serves, count),) = option.changes
    assert (serves, count) == (SHORT, 1)
    # It is the least, and with it the goal is kept: four workers, one of which may go.
    kept = asked(slow, Changes((SHORT,) * 4, goal=goal), budget=OF_A_SEARCH).least
    assert kept is not None
    assert kept.kept == kept.days
    assert [(each.kind, each.changes) for each in kept.options] == [("fewer", ((SHORT, -1),))]


def test_a_worker_of_another_queue_helps_where_that_does_not_wait_for_it(slow: Load) -> None:
    goal = Goal("b:short", 1200.0, 0.9)
    least = asked(slow, Changes((SHORT, SHORT, LONG), goal=goal), (SHORT, SHORT, LONG), OF_A_SEARCH).least
    assert least is not None
    assert [(each.kind, each.changes) for each in least.options] == [
        ("reassign", ((LONG, -1), (("b:short", "b:long"), 1))),
        ("more", ((SHORT, 1),)),
    ]


def test_what_cannot_be_kept_has_no_option(slow: Load) -> None:
    least = asked(slow, Changes((SHORT, SHORT), goal=Goal("b:short", 0.001, 0.9)), budget=OF_A_SEARCH).least
    assert least is not None
    assert (least.kept, least.options) == (0, ())


def test_too_little_says_nothing(redis: redis_py.Redis) -> None:
    put_away(redis, one_by_one(days=3, a_day=20, run_s=1.0, workers=1))
    found = asked(read(redis), Changes((SHORT,), goal=Goal("b:short", 5.0)), now=(SHORT,))
    assert not found.lanes[0].telling
    assert found.least is None
    redis.flushall()
    assert what_if(read(redis), [SHORT], Changes((SHORT,)), ({}, {}), SMALL) is None


def test_no_more_is_simulated_than_a_request_may_cost(busy: Load) -> None:
    assert len(chosen(busy, 10**9, many=True)) == limits.DAYS_PLAYED
    windows = chosen(busy, 10_000, many=True)
    assert len(windows) == limits.DAYS_AT_LEAST
    assert all(0 < busy.jobs(window) <= 500 for window in windows)
    assert sum(map(busy.jobs, chosen(busy, 6000, many=False))) <= 6000
    found = asked(busy, Changes((SHORT,)), budget=Budget(12_000, 1000))
    assert found.jobs <= 6000 * 1.1
    assert found.hours < 24

"""When a job is expected to start while others arrive in earlier lanes: steadily, or in bursts."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from statistics import fmean, median

import pytest

from job_console.engine.look.expected.arrivals import arrivals
from job_console.engine.look.expected.bursts import next_bursts
from job_console.engine.models.expected import Arrivals, Bursts, Pace, Sampled

from ..bench import LONG, SHORT
from ..simulated import NOW
from .small_benches import bench, drain, lane


def test_what_keeps_arriving_at_an_earlier_lane_is_done_first() -> None:
    crew = ((LONG, SHORT),)
    still = drain(bench(lane(10), lane(0, LONG), crew=crew))
    busy = drain(
        bench(lane(10), lane(0, LONG), crew=crew, pace=Pace(arrivals={LONG: Arrivals((0.125,) * 8, 5.0, 4.0)}))
    )
    assert still is not None
    assert busy is not None
    assert busy[0] == pytest.approx(2 * still[0], rel=0.15)


def came(*bursts_ago_s: float, jobs: int = 50) -> list[tuple[datetime, float]]:
    return [(NOW - timedelta(seconds=ago + n / 100), 1.0) for ago in bursts_ago_s for n in range(jobs)]


def test_what_comes_steadily_goes_on_coming() -> None:
    found = arrivals([(NOW - timedelta(seconds=n / 2), 1.0) for n in range(200)], [4.0, 6.0], NOW)
    assert found is not None
    assert fmean(found.rates) == pytest.approx(2.0, rel=0.1)
    assert (found.mean_s, found.bursts) == (5.0, None)


def test_bursts_and_the_pauses_between_them() -> None:
    found = arrivals(came(1, 21, 51), [4.0], NOW)
    assert found is not None
    assert found.rates == ()
    assert found.bursts is not None
    assert found.bursts.sizes == (50.0, 50.0, 50.0)
    assert found.bursts.ago_s == pytest.approx(1.49)
    assert found.bursts.pauses_s == pytest.approx((30.0, 20.0))


def played(bursts: Bursts, horizon: float = 100.0) -> list[list[tuple[float, int]]]:
    return [list(next_bursts(bursts, horizon, random.Random(seed))) for seed in range(200)]


@pytest.mark.parametrize("ago_s", [20.0, 60.0], ids=["just now", "a minute ago"])
def test_of_a_single_burst_nothing_is_known(ago_s: float) -> None:
    found = arrivals(came(ago_s, jobs=200), [4.0], NOW)
    assert found is not None
    assert found.bursts is not None
    assert played(found.bursts) == [[]] * 200


def test_several_bursts_may_go_on() -> None:
    """After a like pause, as large, and more likely the more there were."""
    two, five = (played(Bursts(4.0, (10.0,) * pauses, (50.0,) * (pauses + 1))) for pauses in (1, 4))
    firsts = [each[0] for each in five if each]
    assert median(at for at, _jobs in firsts) == pytest.approx(6.0, rel=0.25)
    assert {jobs for _at, jobs in firsts} == {50}
    assert 100 < sum(map(bool, two)) < sum(map(bool, five)) < 200
    long_ago = played(Bursts(200.0, (10.0,), (50.0, 50.0)))
    assert sum(map(bool, long_ago)) < 10, "it would have come by now"


def test_a_burst_that_may_come_to_an_earlier_lane_makes_the_promise_later() -> None:
    """Where nobody knows whether it comes, as many start before as after the likely time; nine of ten within the
    other."""
    crew, bursts = ((LONG, SHORT),), Bursts(1.0, (20.0,), (10.0, 10.0))
    still = drain(bench(lane(10), lane(0, LONG), crew=crew))
    arriving = Arrivals((), 2.5, 4.0, bursts)
    pace = Pace(arrivals={LONG: arriving}, waiting={LONG: Sampled(0, ())})
    stormy = drain(bench(lane(10), lane(0, LONG), crew=crew, pace=pace))
    assert still is not None
    assert stormy is not None
    assert still[0] <= stormy[0] <= still[0] + 50.0
    assert stormy[1] > still[1] + 30.0


def test_a_burst_that_came_after_the_last_reading_is_one_of_them() -> None:
    """What tells how fast work goes is read beside the looks, some seconds ago."""
    crew, one = ((LONG, SHORT),), Arrivals((), 2.5, 4.0, Bursts(20.0, (), (10.0,)))
    pace = Pace(arrivals={LONG: one}, waiting={LONG: Sampled(0, ())}, lately={LONG: (4.0,)})
    before = drain(bench(lane(10), lane(0, LONG), crew=crew, pace=pace))
    after = drain(bench(lane(10), lane(10, LONG), crew=crew, pace=pace))
    assert before is not None
    assert after is not None
    assert after[1] > before[1] + 40.0 + 30.0, "those ten, and those of the next burst"

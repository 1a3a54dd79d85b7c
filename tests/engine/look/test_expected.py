"""When a job is expected to start: small benches whose figure is known, and a real server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from job_console.engine.look import limits as look_limits
from job_console.engine.look.expected import forecast, pace_reader
from job_console.engine.look.expected.durations import durations
from job_console.engine.models.bench import Bench, Counts, Lane
from job_console.engine.models.expected import Arrivals, Gap, Pace, Waits
from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.policies import Limit, Policy
from job_console.engine.models.policy_match import Policies, PolicySet
from job_console.engine.models.progress import PLACE, Parked, Progress
from job_console.engine.models.warnings import Warning
from job_console.engine.models.workers import Worker

from ..bench import DEFAULT, LONG, SHORT, enqueue, fill
from ..simulated import NOW
from .small_benches import bench, drain, job, lane


def test_30_jobs_of_4_s_on_2_workers() -> None:
    found = drain(bench(lane(30)))
    assert found is not None
    assert found[0] == pytest.approx(60.0, rel=0.1)
    assert 60.0 < found[1] < 75.0


def test_a_lanes_figure_is_that_of_a_job_at_its_end() -> None:
    around = bench(lane(30), lane(12, DEFAULT, "slow"), crew=((SHORT, DEFAULT), (DEFAULT,)))
    drains = forecast.with_drains(around, ()).drains()
    for each in around.lanes:
        behind = forecast.start(around, each, each.counts.queued, ())
        assert behind is not None
        assert drains[each.name] == behind


TOO_MUCH = Arrivals((0.3,) * 8, 5.0, 4.0)
STALE = Warning("worker_stale", "warning", "Worker w0 has not been heard of.", worker="w0")
AHEAD = Warning("worker_stale", "warning", "Its clock.", worker="w0", evidence={"clock_ahead_s": 600})
LEAVES = (Worker("w0", "busy", (SHORT,), draining_since=NOW),)
BUSY = (Worker("w0", "busy", (SHORT,), "r"),)


def running(method: str, ran_s: float) -> dict[str, Job]:
    return {"r": replace(job("r", method), status="started", started_at=NOW - timedelta(seconds=ran_s))}


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(bench(lane(30), usual={}), id="nothing is known of the methods"),
        pytest.param(bench(lane(30, method="new")), id="an unknown method waits"),
        pytest.param(bench(lane(30), suspended=True), id="suspended"),
        pytest.param(bench(lane(30), crew=((LONG,),)), id="nobody serves it"),
        pytest.param(bench(lane(30), lane(9, LONG, "new"), crew=((LONG, SHORT),)), id="unknown work is taken first"),
        pytest.param(bench(lane(3), workers=BUSY, held=running("new", 5.0)), id="its only worker does unknown work"),
        pytest.param(bench(lane(3), workers=BUSY), id="nothing is known of what its only worker runs"),
        pytest.param(bench(lane(3), workers=LEAVES), id="its only worker was told to stop"),
        pytest.param(
            bench(lane(3), lane(1, LONG), crew=((LONG, SHORT),), pace=Pace(arrivals={LONG: TOO_MUCH})),
            id="more comes to an earlier lane than its workers can do",
        ),
    ],
)  # fmt: skip
def test_no_telling(around: Bench) -> None:
    assert drain(around) is None
    assert forecast.start(around, around.lanes[0], 2, ()) is None


def test_a_worker_that_is_not_heard_of_counts_for_nothing() -> None:
    around = bench(lane(30))
    one, both = drain(around, warnings=(STALE,)), drain(around, warnings=(AHEAD,))
    assert one is not None
    assert both is not None
    assert one[0] == pytest.approx(2 * both[0], rel=0.1)


def test_what_runs_is_judged_by_how_long_it_has_run() -> None:
    def rest(ran_s: float) -> float:
        found = drain(bench(lane(1), workers=BUSY, held=running("slow", ran_s)))
        assert found is not None
        return found[0] - 4.0

    assert rest(1.0) == pytest.approx(59.0, rel=0.1)
    assert rest(50.0) == pytest.approx(14.0, rel=0.4)
    assert rest(120.0) > 60.0, "longer than ever before: nothing says that it ends now"
    assert rest(120.0) < 300.0 - 120.0, "its timeout ends it"


def waits(method: str) -> Call:
    return Call(method, method, "method", "a")


def test_a_limit_holds_back_its_own_jobs_alone() -> None:
    policy = Policy("p", "method", "sync", limit=Limit(1))
    rows = tuple(Job(f"j{n}", SHORT, "queued", waits("sync"), timeout_s=300.0) for n in range(8))
    around = bench(replace(lane(8), head=rows), policies=Policies({"a": PolicySet([policy])}), crew=((SHORT,),) * 4)
    limited = forecast.start(around, around.lanes[0], 8, (), waits("sync"))
    other = forecast.start(around, around.lanes[0], 8, (), waits("slow"))
    assert limited is not None
    assert other is not None
    assert limited.about_s == pytest.approx(8 * 4.0, rel=0.15)
    assert other.about_s < 6.0
    free = forecast.start(replace(around, policies=Policies()), around.lanes[0], 8, (), waits("sync"))
    assert free is not None
    assert free.about_s == pytest.approx(8.0, rel=0.25)


def test_those_that_wait_for_a_place_already_come_first() -> None:
    policy = Policy("p", "method", "sync", limit=Limit(1, "bench"))
    place = Parked("p", NOW, "", PLACE, "*:method:sync")
    parked = tuple(replace(job(f"p{n}"), call=waits("sync"), progress=Progress(0.0, parked=place)) for n in range(5))
    around = bench(
        replace(lane(1), parked=parked, head=(replace(job("j"), call=waits("sync")),)),
        policies=Policies({"a": PolicySet([policy])}),
        pace=Pace(places={"*:method:sync": Waits(5, 1)}),
        crew=((SHORT,),) * 4,
    )
    found = forecast.start(around, around.lanes[0], 1, (), waits("sync"))
    assert found is not None
    assert found.about_s == pytest.approx(6 * 4.0, rel=0.2)


def test_what_came_since_the_last_reading_is_like_what_ended_lately() -> None:
    """Not like the few rows of its head."""
    head = tuple(job(f"h{n}", "slow") for n in range(8))
    around = bench(replace(lane(100), head=head), pace=Pace(lately={SHORT: (4.0,) * 40}, gap=Gap(0.0, 0.0)))
    found = drain(around)
    assert found is not None
    assert found[0] == pytest.approx((8 * 60.0 + 92 * 4.0) / 2, rel=0.2)


def test_a_worker_between_two_runs_takes_the_next_job() -> None:
    between = (Worker("w0", "busy", (SHORT,)), Worker("w1", "busy", (SHORT,), "r"))
    ended = {"r": replace(job("r"), status="finished", started_at=NOW, ended_at=NOW)}
    found = drain(bench(lane(30), workers=between, held=ended))
    idle = drain(bench(lane(30)))
    assert found is not None
    assert idle is not None
    assert found[0] == pytest.approx(idle[0], rel=0.05)


def test_a_few_runs_say_less_than_many() -> None:
    few, many = durations(None, (4.0, 4.4)), durations(None, (4.0, 4.4) * 20)
    assert few is not None
    assert many is not None
    assert few.mean == pytest.approx(many.mean)
    assert few.doubt > 5 * many.doubt
    assert durations(None, ()) is None


def test_samples_are_all_of_a_short_lane_and_some_of_each_part_of_a_long_one() -> None:
    assert pace_reader.sampled_places(20) == list(range(look_limits.HEAD_ROWS, 20))
    found = pace_reader.sampled_places(1_000_000)
    assert len(found) == look_limits.PACE_SAMPLES
    assert found == sorted(set(found))
    assert found[0] >= look_limits.HEAD_ROWS
    assert len({place % 2 for place in found}) == 2, "no pattern of what was enqueued fools them"


# --- A real server -----------------------------------------------------------------------------------------------
def test_what_ended_lately_tells_without_any_hooks(
    redis: Any, workers: Any, now: Callable[[], dict[str, Any]], console: Any, wait_until: Any
) -> None:
    for _ in range(7):
        enqueue(redis, "tests.jobs.hang", kwargs={"seconds": 0.3})
    worker = workers.start(SHORT)
    wait_until(lambda: now()["queues"][0]["counts"]["finished"] == 7)
    last = [enqueue(redis, "tests.jobs.hang", kwargs={"seconds": 0.3}).id for _ in range(20)][-1]

    def reported() -> Any:
        (lane,) = [each for each in now()["queues"] if each["name"] == SHORT]
        return lane["counts"]["queued"] >= 10 and lane["drain_s"]

    assert wait_until(reported) > 3.0
    said = console.jobs.explain(last)
    assert said["expected_start_s"] > 2.5
    assert said["because"][-1].startswith("It should start within ")
    assert worker.poll() is None


def test_reading_is_bounded_and_leaves_no_trace(redis: Any, engine: Any, round_trips: Callable[[], Any]) -> None:
    fill(redis, 3_000)
    look = engine.watch.look()
    reader = pace_reader.PaceReader(redis, engine.reader)
    before = redis.dbsize()
    with round_trips() as counted:
        pace = reader.read(look.bench)
    assert len(counted) == 2
    assert len(pace.waiting[SHORT].calls) == look_limits.PACE_SAMPLES
    assert redis.dbsize() == before


def test_workers_that_pass_over_an_earlier_lane_are_known_by_it(redis: Any, engine: Any) -> None:
    at = datetime.now(timezone.utc)
    ended = replace(job("e", queue=LONG), worker="w0", started_at=at, ended_at=at)
    waits = Lane(SHORT, Counts(queued=1), head=(job("h", enqueued_at=at - timedelta(seconds=60)),))
    around = bench(waits, crew=((SHORT, LONG),))
    assert pace_reader.unordered(around, [ended]) == {(SHORT, LONG)}
    just_now = replace(waits, head=(job("h", enqueued_at=at + timedelta(seconds=1)),))
    assert not pace_reader.unordered(replace(around, lanes=(just_now,)), [ended])

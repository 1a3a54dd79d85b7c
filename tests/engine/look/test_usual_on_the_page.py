"""The page says what is usual: of a job that runs, and how long a lane needs for what waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from job_console.engine.diagnosis.explain import eta
from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.look.expected import forecast
from job_console.engine.models.bench import Bench, Counts, Lane, Usual
from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.workers import Worker
from tests.engine.bench import SHORT, enqueue

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
Look = Callable[[], dict[str, Any]]


def lane(waiting: int) -> Lane:
    call = Call("shop.sync", "shop.sync", "method")
    head = tuple(Job(f"j{n}", SHORT, "queued", call, timeout_s=300.0) for n in range(min(waiting, 5)))
    return Lane(SHORT, Counts(queued=waiting), head=head)


def bench(waiting: int, workers: int, suspended: bool = False, known: bool = True) -> Bench:
    crew = tuple(Worker(f"w{n}", "idle", (SHORT,)) for n in range(workers))
    usual = {"shop.sync": Usual(runs=9, median_s=4.0, p99_s=9.0, wait_median_s=1.0)} if known else {}
    return Bench(NOW, (lane(waiting),), crew, suspended=suspended, usual=usual)


@pytest.mark.parametrize(
    ("looked_at", "seconds"),
    [
        pytest.param(bench(30, 2), 60.0, id="30 jobs of 4 s on 2 workers"),
        pytest.param(bench(0, 2), 0.0, id="nothing waits"),
        pytest.param(bench(30, 0), None, id="nobody serves it"),
        pytest.param(bench(30, 2, suspended=True), None, id="nobody takes work"),
        pytest.param(bench(30, 2, known=False), None, id="only timeouts are known"),
    ],
)
def test_how_long_a_lane_needs(looked_at: Bench, seconds: float | None) -> None:
    looked_at = forecast.with_drains(looked_at, ())
    found = eta.drain_s(looked_at, looked_at.lanes[0])
    assert found == (seconds if seconds is None else pytest.approx(seconds, rel=0.5))


def test_a_running_job_and_its_lane_on_a_real_server(redis: Any, workers: Any, now: Look, wait_until: Any) -> None:
    at = datetime.now(timezone.utc) - timedelta(hours=2)
    for _ in range(5):
        statistics.record(redis, EndedRun("tests.jobs.hang", SHORT, "finished", at, run_s=3.0, wait_s=0.1))
    for _ in range(4):
        enqueue(redis, "tests.jobs.hang")
    workers.start(SHORT)
    wait_until(lambda: now()["queues"][0]["running"])
    (short,) = [each for each in now()["queues"] if each["name"] == SHORT]
    assert short["running"][0]["usual_s"] == pytest.approx(3.0, rel=0.3)
    assert short["drain_s"] == pytest.approx(12.0, rel=0.4)

"""How long workers need between two runs, from what RQ counts: benches that are made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from job_console.engine.look.expected.gaps import Gaps, of_ended
from job_console.engine.models.bench import Bench, Counts, Lane
from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.workers import Worker

from ..bench import SHORT, enqueue
from ..simulated import NOW

RUN_S, GAP_S = 0.5, 0.1


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def look(seconds: float, began_s: float | None, ended: int, oldest_s: float = -60.0, **more: Any) -> Bench:
    """One worker, in the midst of a run that began then; None: between two."""
    job = Job("j", SHORT, "started", Call("m", "m", "method"), started_at=None if began_s is None else at(began_s))
    busy = Worker("w", "busy", (SHORT,), None if began_s is None else "j", jobs_ended=ended, worked_s=ended * RUN_S)
    lane = Lane(SHORT, Counts(queued=5), oldest_enqueued_at=at(oldest_s))
    return Bench(**{"at": at(seconds), "lanes": (lane,), "workers": (busy,), "held": {"j": job}, **more})


def of(*looks: Bench) -> float | None:
    gaps = Gaps()
    for each in looks:
        gaps.look(each)
    found = gaps.read(looks[-1].at)
    return found.seconds if found else None


def test_what_is_left_of_the_time_between_two_starts_lies_between_runs() -> None:
    cycle = RUN_S + GAP_S
    assert of(look(0.2, 0.0, 0), look(6.3, 10 * cycle, 10)) == pytest.approx(GAP_S)
    # Looks meet it at any point of its run.
    assert of(look(0.49, 0.0, 0), look(6.01, 10 * cycle, 10)) == pytest.approx(GAP_S)


def test_a_look_between_two_runs_is_passed_over() -> None:
    cycle = RUN_S + GAP_S
    assert of(look(0.2, 0.0, 0), look(2.95, None, 5), look(6.3, 10 * cycle, 10)) == pytest.approx(GAP_S)


IDLE = Lane(SHORT, Counts())


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(look(60.0, 59.9, 10, oldest_s=30.0), id="what waits came since: it may have been without work"),
        pytest.param(look(60.0, 59.9, 10, lanes=(IDLE,)), id="nothing waits any more"),
        pytest.param(look(60.0, 59.9, 10, suspended=True), id="it was not to take any"),
        pytest.param(look(6.0, 5.9, 3), id="too few runs"),
    ],
)
def test_it_is_not_reported(second: Bench) -> None:
    assert of(look(0.2, 0.0, 0), second) is None


def test_a_new_worker_of_that_name_begins_anew() -> None:
    again = look(6.3, 6.0, 10)
    again = replace(again, workers=(replace(again.workers[0], born_at=at(5.0)),))
    assert of(look(0.2, 0.0, 0), again) is None


def test_the_last_seconds_count() -> None:
    slow, quick = RUN_S + 0.5, RUN_S + 0.1
    looks = [look(0.1, 0.0, 0), look(50 * slow + 0.1, 50 * slow, 50)]
    began = 50 * slow
    for number in range(1, 11):
        ended = 50 + 10 * number
        looks.append(look(began + 10 * number * quick + 0.1, began + 10 * number * quick, ended))
    assert of(*looks) == pytest.approx(0.1)


def ended(number: int, start_s: float, enqueued_s: float = -60.0) -> Job:
    job = Job(f"e{number}", SHORT, "finished", Call("m", "m", "method"), enqueued_at=at(enqueued_s), worker="w")
    return replace(job, started_at=at(start_s), ended_at=at(start_s + RUN_S))


def test_one_look_tells_by_what_ended_last() -> None:
    jobs = [ended(number, number * (RUN_S + GAP_S)) for number in range(12)]
    found = of_ended(jobs, at(-100))
    assert found is not None
    assert found.seconds == pytest.approx(GAP_S)
    assert of_ended(jobs, at(5.0)) is None, "of the others one that lies between may be missing"
    came_late = [ended(number, number * 3.0, number * 3.0 - 0.1) for number in range(12)]
    assert of_ended(came_late, at(-100)) is None, "it waited for work"


def test_a_real_worker_is_measured(
    redis: Any, workers: Any, engine: Any, now: Callable[[], dict[str, Any]], wait_until: Any
) -> None:
    for _ in range(60):
        enqueue(redis, "tests.jobs.hang", kwargs={"seconds": 0.05})
    gaps, worker = Gaps(), workers.start(SHORT)

    def seen() -> bool:
        engine.watch.forget()
        bench = engine.watch.look().bench
        gaps.look(bench)
        return gaps.read(bench.at) is not None

    wait_until(seen)
    found = gaps.read(engine.watch.look().bench.at)
    assert found is not None
    assert 0.0 < found.seconds < 5.0
    assert worker.poll() is None

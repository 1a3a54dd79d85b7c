"""The simulated workers do as RQ's: small cases by hand, and queues whose waiting a formula gives."""

from __future__ import annotations

import math
import random

import pytest

from job_console.engine.simulation.measured import percentile
from job_console.engine.simulation.pool import Arrival, Pace, Played, play

SHORT, LONG = 0, 1


def played(arrivals: list[Arrival], crew: list[tuple[int, ...]], pace: Pace = Pace()) -> Played:  # noqa: B008 - frozen
    return play(arrivals, crew, 2, pace)


def test_a_job_waits_until_a_worker_is_free_and_its_horse_has_started() -> None:
    found = played([(0, SHORT, 10, 0.5), (1, SHORT, 10, 0.5), (100, SHORT, 1, 0.5)], [(SHORT,)], Pace(after_s=0.25))
    # The second one takes over at 0.5 + 10 + 0.25.
    assert found.waits[SHORT] == pytest.approx([0.5, 9.75 + 0.5, 0.5])
    assert found.busy_s == pytest.approx(10.75 * 2 + 1.75)
    assert found.until == pytest.approx(101.75)


def test_the_first_queue_goes_first_however_long_the_second_has_waited() -> None:
    jobs = [(0, SHORT, 10, 0), (1, LONG, 10, 0), (2, SHORT, 10, 0), (3, SHORT, 10, 0)]
    found = played(jobs, [(SHORT, LONG)])
    assert found.waits == [[0, 8, 17], [29]]
    turns = played(jobs, [(SHORT, LONG)], Pace(strategy="round_robin"))
    assert turns.waits == [[0, 18, 27], [9]]


def test_the_worker_that_has_waited_longest_takes_the_next_job() -> None:
    # The one that serves both is idle longer: it takes the long job, and a short one that comes then has the other.
    found = played([(0, SHORT, 5, 0), (2, LONG, 100, 0), (6, SHORT, 5, 0)], [(SHORT,), (SHORT, LONG)])
    assert found.waits == [[0, 0], [0]]
    # Here it is the other way about: both took a job, the one for both was free first, and is not there any more.
    found = played([(0, SHORT, 9, 0), (0, SHORT, 5, 0), (6, LONG, 100, 0), (7, SHORT, 5, 0)], [(SHORT,), (SHORT, LONG)])
    assert found.waits == [[0, 0, 2], [0]]


def test_what_nobody_serves_is_counted_and_waits_for_ever() -> None:
    found = played([(0, SHORT, 1, 0), (0, LONG, 1, 0), (1, LONG, 1, 0)], [(SHORT,)])
    assert (found.unserved, found.waits[LONG]) == ([0, 2], [])


def test_random_looks_into_its_queues_in_any_order() -> None:
    jobs = sorted((0.0, number % 2, 1.0, 0.0) for number in range(400))
    found = played(jobs, [(SHORT, LONG)], Pace(strategy="random"))
    assert percentile(sorted(found.waits[LONG]), 0.5) == pytest.approx(200, rel=0.2)


@pytest.mark.parametrize(("workers", "an_hour"), [(1, 1800), (3, 8500), (8, 26_000)])
def test_it_waits_as_erlang_says(workers: int, an_hour: int) -> None:
    """Poisson arrivals, exponential runs of a second: the 90th percentile has a formula (M/M/c)."""
    dice, rate = random.Random(5), an_hour / 3600
    moment, jobs = 0.0, []
    for _job in range(60_000):
        moment += dice.expovariate(rate)
        jobs.append((moment, SHORT, dice.expovariate(1.0), 0.0))
    waits = sorted(play(jobs, [(SHORT,)] * workers, 1, Pace()).waits[SHORT])
    terms = [rate**k / math.factorial(k) for k in range(workers)]
    last = rate**workers / math.factorial(workers) / (1 - rate / workers)
    must_wait = last / (sum(terms) + last)
    assert percentile(waits, 0.9) == pytest.approx(math.log(must_wait / 0.1) / (workers - rate), rel=0.1)

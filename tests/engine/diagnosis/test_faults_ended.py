"""Runs that really fail or are killed on real RQ, and the warnings that they must raise: those and no others."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from rq import Queue

from job_console.engine.history import limits as history_limits
from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.models.bench import FailedRun
from job_console.engine.redis import keys
from job_console.engine.retries import limits as retries_limits
from job_console.engine.service import Engine

from ... import jobs as work
from ...support.processes import Workers
from .. import bench
from ..bench import SHORT
from .faults import history, is_in


def test_a_horse_is_killed(redis: Any, workers: Workers, wait_until: Any, only: Any) -> None:
    jobs = [bench.enqueue(redis, "tests.jobs.die") for _ in range(3)]
    workers.start(SHORT)
    wait_until(lambda: all(bench.status(redis, job.id) == "failed" for job in jobs))
    warning = only("killed")
    assert (warning["evidence"]["kills"], warning["evidence"]["method"]) == (3, "tests.jobs.die")
    assert "its process was killed (SIGKILL)" in warning["message"]
    for job in jobs:
        bench.age(redis, job.id, 4000, "ended_at")


def test_kills_of_yesterday_are_no_news(redis: Any, workers: Workers, wait_until: Any, warnings: Any) -> None:
    job = bench.enqueue(redis, "tests.jobs.die")
    workers.start(SHORT)
    wait_until(is_in(redis, job.id, "failed"))
    bench.age(redis, job.id, 86_400, "started_at", "ended_at")
    assert warnings() == []


@pytest.mark.parametrize("reported", [False, True], ids=["RQ alone wrote it", "our hooks, too"])
def test_a_failure_that_a_wrong_clock_dates_ahead_is_not_the_newest_for_ever(
    redis: Any, workers: Workers, wait_until: Any, only: Any, reported: bool
) -> None:
    first, second = (bench.enqueue(redis, "tests.jobs.die") for _ in range(2))
    workers.start(SHORT)
    wait_until(lambda: all(bench.status(redis, job.id) == "failed" for job in (first, second)))
    bench.age(redis, first.id, -7200, "ended_at")
    if reported:
        ahead = datetime.now(timezone.utc) + timedelta(hours=2)
        run = FailedRun("tests.jobs.die", first.id, ahead, "WorkHorseTerminated", "", SHORT, "a.localhost")
        statistics.record(redis, EndedRun("tests.jobs.die", SHORT, "failed", ahead, failure=run, site="a.localhost"))
    warning = only("killed")
    assert (warning["job_id"], warning["evidence"]["kills"]) == (second.id, 2)
    assert "-" not in warning["message"].partition("ago")[0]


def test_a_method_that_only_fails(redis: Any, workers: Workers, wait_until: Any, only: Any, warnings: Any) -> None:
    jobs = [bench.enqueue(redis, "tests.jobs.fail", kwargs={"message": str(n)}) for n in range(5)]
    bench.enqueue(redis)
    workers.start(SHORT)
    wait_until(lambda: all(bench.status(redis, job.id) == "failed" for job in jobs))
    warning = only("crash_loop")
    assert warning["evidence"]["method"] == "tests.jobs.fail"
    assert (warning["evidence"]["failures"], warning["evidence"]["type"]) == (5, "ValueError")
    history(redis, "tests.jobs.fail", 1, runs=1)  # at last it went well, and the hook counted it
    assert warnings() == []


def test_a_success_on_another_site_says_nothing_of_this_one(
    redis: Any, workers: Workers, wait_until: Any, only: Any
) -> None:
    method, theirs = "tests.jobs.slow", "b.localhost"
    jobs = [bench.enqueue(redis, method, kwargs={"seconds": str(number)}) for number in range(5)]
    well = bench.enqueue(redis, method, site=theirs, kwargs={"seconds": 0.01})
    workers.start(SHORT)
    wait_until(lambda: all(bench.status(redis, job.id) == "failed" for job in jobs))
    wait_until(is_in(redis, well.id, "finished"))
    history(redis, method, 1, runs=1, site=theirs)
    warning = only("crash_loop")
    assert (warning["site"], warning["evidence"]["failures"]) == ("a.localhost", 5)


def test_the_failures_of_another_site_do_not_hide_those_of_this_one(redis: Any, warnings: Any) -> None:
    redis.sadd(keys.QUEUES, keys.queue(SHORT))
    now = datetime.now(timezone.utc)
    for site, count in (("a.localhost", retries_limits.CRASH_LOOP_RUNS), ("b.localhost", history_limits.FAILURES_EACH)):
        for number in range(count):
            reported = FailedRun("shop.sync", f"{site}||{number}", now, "ValueError", "no", SHORT, site)
            statistics.record(redis, EndedRun("shop.sync", SHORT, "failed", now, failure=reported, site=site))
    assert {(each["code"], each["site"], each["evidence"]["failures"]) for each in warnings()} == {
        ("crash_loop", "a.localhost", retries_limits.CRASH_LOOP_RUNS),
        ("crash_loop", "b.localhost", history_limits.FAILURES_EACH),
    }


def test_a_method_that_also_succeeds(redis: Any, workers: Workers, wait_until: Any, warnings: Any) -> None:
    """Without hooks of ours: RQ's finished jobs say so."""
    lane = Queue(SHORT, connection=redis)
    jobs = [lane.enqueue(work.slow, seconds) for seconds in ["x"] * 6 + [0.01]]
    workers.start(SHORT)
    wait_until(lambda: [bench.status(redis, job.id) for job in jobs] == ["failed"] * 6 + ["finished"])
    assert warnings() == []


def test_a_failure_of_our_own_record_counts_once(redis: Any, engine: Engine, workers: Workers, wait_until: Any) -> None:
    """The hook and RQ both tell of the same run."""
    from job_console.engine.look import recent
    from job_console.engine.models.bench import FailedRun

    job = bench.enqueue(redis, "tests.jobs.fail")
    workers.start(SHORT, burst=True)
    wait_until(is_in(redis, job.id, "failed"))
    at = datetime.fromisoformat(redis.hget(keys.job(job.id), "ended_at").decode().replace("Z", "+00:00"))
    for before in (0.01, 3600 * 2):
        reported = FailedRun("tests.jobs.fail", job.id, at - timedelta(seconds=before), "ValueError", "no", SHORT)
        statistics.record(redis, EndedRun("tests.jobs.fail", SHORT, "failed", reported.at, failure=reported))
    engine.watch.forget()
    found, _since = recent.failed(redis, engine.reader, engine.watch.look().bench)
    assert [(run.job_id, run.type) for run in found] == [(job.id, "ValueError")]

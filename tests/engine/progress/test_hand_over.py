"""A run that leaves its rest to a later run of the same job: what RQ, on all its versions, makes of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from redis import Redis
from rq import Queue, Retry
from rq.job import Callback

from job_console.engine.progress import hand_over
from job_console.engine.progress import limits as progress_limits
from job_console.engine.redis import keys

from ...support.processes import Workers
from ..bench import SHORT, places, status
from ..chunked import CALLED_BACK, RUNS

WORK = "tests.engine.chunked"


@pytest.fixture
def queue(redis: Redis) -> Queue:
    return Queue(SHORT, connection=redis)


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "does not fork"])
def test_the_same_job_goes_on_in_its_lane(
    redis: Redis, queue: Queue, workers: Workers, wait_until: Callable[..., object], fork: bool
) -> None:
    back = Callback(f"{WORK}.call_back")
    job = queue.enqueue(f"{WORK}.go_on", 3, job_id="work", on_failure=back, on_success=None)
    waiter = queue.enqueue("tests.jobs.say_hello", depends_on=job)
    workers.start(SHORT, fork=fork)
    wait_until(lambda: status(redis, waiter.id) == "finished")
    assert redis.hget(RUNS, "work") == b"4"
    assert status(redis, "work") == "finished"
    assert places(redis, "work") == [f"finished {SHORT}"]
    assert redis.lrange(CALLED_BACK, 0, -1) == [], "leaving a run is no failure"


def test_its_own_retries_and_callback_are_still_there_when_it_really_fails(
    redis: Redis, queue: Queue, workers: Workers, wait_until: Callable[..., object]
) -> None:
    back = Callback(f"{WORK}.call_back")
    queue.enqueue(f"{WORK}.go_on", 2, job_id="work", on_failure=back, retry=Retry(max=2, interval=[7, 9]))
    workers.start(SHORT)
    wait_until(lambda: status(redis, "work") == "finished")
    record = redis.hgetall(keys.job("work"))
    assert (record[b"retries_left"], record[b"retry_intervals"]) == (b"2", b"[7, 9]")
    assert record[b"failure_callback_name"] == f"{WORK}.call_back".encode()


def test_a_parked_job_waits_among_the_scheduled_ones_for_years(
    redis: Redis, queue: Queue, workers: Workers, wait_until: Callable[..., object]
) -> None:
    queue.enqueue(f"{WORK}.park", job_id="work")
    workers.start(SHORT)
    wait_until(lambda: places(redis, "work") == [f"scheduled {SHORT}"])
    score = redis.zscore(keys.registry("scheduled", SHORT), "work")
    now = datetime.now(timezone.utc)
    assert score > hand_over.parked_since(now)
    assert redis.ttl(keys.job("work")) == -1


@pytest.mark.parametrize(
    ("left", "timeout", "chunk", "late"),
    [
        (None, None, 5, False),
        (40, 300, 5, False),
        (36, 300, 5, True),
        (100, 300, 60, True),
        (200, 1_500, 5, False),
        (37, 1_500, 5, True),
        (3, 10, 1, False),
        (2, 10, 1, True),
    ],
)
def test_when_it_is_too_late_for_one_more_chunk(
    left: float | None, timeout: float | None, chunk: float, late: bool
) -> None:
    assert hand_over.too_late(left, timeout, chunk) is late
    assert progress_limits.HAND_OVER_MARGIN_S < 60, "RQ's parent kills a minute after the timeout"

"""Progress: what a job says is seen with the job, costs next to nothing, and hears what is asked of it."""

from __future__ import annotations

import math
import time
from decimal import Decimal
from typing import Any

import pytest
from redis import Redis

from job_console.engine.look.reader import JobReader
from job_console.engine.models import limits as models_limits
from job_console.engine.models.progress import Chunks, Parked, Progress
from job_console.engine.progress import flags
from job_console.engine.progress import limits as progress_limits
from job_console.engine.progress.meter import Meter
from job_console.engine.redis import keys

from ..bench import ago, enqueue


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def job_id(redis: Redis) -> str:
    """One that runs."""
    job = enqueue(redis)
    redis.hset(keys.job(job.id), mapping={"status": "started", "started_at": ago(10)})
    return job.id


@pytest.fixture
def meter(redis: Redis, job_id: str, clock: Clock) -> Meter:
    return Meter(redis, job_id, clock)


def seen(redis: Redis, job_id: str) -> Progress | None:
    (job,) = JobReader(redis).read([job_id])
    return job.progress


def test_what_a_job_says_is_read_with_the_job(redis: Redis, meter: Meter, job_id: str, round_trips: Any) -> None:
    meter.report(41_230, 80_000, "recalculating")
    with round_trips() as counted:
        progress = seen(redis, job_id)
    assert len(counted) == 1
    assert progress
    assert progress.at
    assert (progress.done, progress.total, progress.text) == (41_230, 80_000, "recalculating")
    assert progress.fraction == pytest.approx(0.515, abs=0.001)
    assert 0 < redis.ttl(keys.progress(job_id)) <= progress_limits.PROGRESS_TTL_S


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ((1, math.inf, "x"), (1, None, "x")),
        ((math.nan, 10, "x"), (0, 10, "x")),
        ((10**400, -math.inf, "x"), (0, None, "x")),
        ((1, 10, None), (1, 10, "")),
        ((1, 10, 7), (1, 10, "7")),
        (("1", Decimal("2.5"), "x"), (1, 2.5, "x")),
        (("one", [], "x"), (0, None, "x")),
        ((1, 10, "Reading caf\udce9.csv"), (1, 10, "Reading caf?.csv")),
        ((1, -5, "x" * 10_000), (1, -5, "x" * models_limits.PROGRESS_TEXT_CHARS)),
    ],
)
def test_whatever_a_job_says_it_goes_on(
    redis: Redis, meter: Meter, clock: Clock, job_id: str, said: Any, read: Any
) -> None:
    for _time in range(2):
        meter.report(*said)
        clock.now += 1
    progress = seen(redis, job_id)
    assert progress
    assert (progress.done, progress.total, progress.text) == read
    assert progress.fraction is None or 0 <= progress.fraction <= 1


def test_however_tight_the_loop_it_reports_twice_a_second(redis: Redis, job_id: str, round_trips: Any) -> None:
    meter = Meter(redis, job_id)
    with round_trips() as counted:
        began = time.monotonic()
        for done in range(100_000):
            if time.monotonic() >= meter.due:
                meter.report(done, 100_000)
        lasted = time.monotonic() - began
    assert 1 <= len(counted) <= 1 + lasted / progress_limits.PROGRESS_EVERY_S


def test_rate_and_end_are_those_of_the_last_minute(redis: Redis, meter: Meter, clock: Clock, job_id: str) -> None:
    for done in (0, 10, 20):  # slow at first
        meter.report(done, 1_000)
        clock.now += 50
    for done in range(30, 730, 10):  # then ten a second
        meter.report(done, 1_000)
        clock.now += 1
    progress = seen(redis, job_id)
    assert progress
    assert progress.at
    assert progress.rate == pytest.approx(10, rel=0.01)
    assert progress.left_s(progress.at) == pytest.approx(28, rel=0.01)


def test_another_loop_begins_anew(redis: Redis, meter: Meter, clock: Clock, job_id: str) -> None:
    meter.report(1_000, 1_000)
    clock.now += 10
    meter.report(1, 50)
    progress = seen(redis, job_id)
    assert progress
    assert progress.rate is None


def test_the_answer_says_what_is_asked_of_this_run(redis: Redis, meter: Meter, clock: Clock, job_id: str) -> None:
    assert meter.report(1, 10) == {}
    flags.ask(redis, job_id, flags.STOP, "sam", "wrong year")
    assert meter.report(2, 10) == {}  # too early to look again
    clock.now += 1
    assert meter.report(3, 10)[flags.STOP].reason == "wrong year"
    (job,) = JobReader(redis).read([job_id])
    assert set(job.asked) == {flags.STOP}
    redis.hset(keys.job(job_id), "started_at", ago(0))
    clock.now += 1
    assert meter.report(4, 10) == {}


def test_what_was_kept_back_is_reported_at_the_end(redis: Redis, meter: Meter, job_id: str) -> None:
    meter.report(1, 10)
    meter.report(9, 10, "nearly")
    meter.end(well=False)
    progress = seen(redis, job_id)
    assert progress is not None
    assert (progress.done, progress.text) == (9, "nearly")
    meter.end(well=True)
    assert redis.ttl(keys.progress(job_id)) <= progress_limits.PROGRESS_DONE_TTL_S


def test_a_redis_that_does_not_answer_stops_no_job(own_server: Any, clock: Clock, caplog: Any) -> None:
    import os
    import signal

    from job_console.engine.redis.link import connect

    redis = connect(own_server.url)
    meter = Meter(redis, "x", clock)
    meter.report(1)
    os.kill(own_server.pid, signal.SIGKILL)
    clock.now += 1
    meter.report(2)
    assert meter.due == clock.now + progress_limits.PROGRESS_BACKOFF_S
    assert "was not reported" in caplog.text
    redis.close()


def test_a_new_run_shows_nothing_of_the_one_before_unless_it_goes_on_from_there(redis: Redis, job_id: str) -> None:
    meter = Meter(redis, job_id)
    meter.report(5, 10)
    redis.hset(keys.job(job_id), "started_at", ago(0))
    assert seen(redis, job_id) is None
    redis.hset(keys.job(job_id), "status", "failed")
    assert seen(redis, job_id) is not None  # where it was when it failed
    meter.report_now(chunks=Chunks(committed=4, failed=1, reasons=(("ValueError: no", 1),)))
    redis.hset(keys.job(job_id), mapping={"status": "queued", "started_at": ""})
    progress = seen(redis, job_id)
    assert progress
    assert progress.chunks
    assert (progress.chunks.committed, progress.chunks.reasons) == (4, (("ValueError: no", 1),))


def test_who_parked_it_is_shown_while_it_is_parked(redis: Redis, meter: Meter, job_id: str) -> None:
    meter.report(5, 10, chunks=Chunks(committed=5, checkpoint="abc", part=(2, 4)))
    meter.report_now(parked=Parked("sam", reason="month end"))
    redis.hset(keys.job(job_id), "status", "scheduled")
    progress = seen(redis, job_id)
    assert progress
    assert progress.parked
    assert progress.chunks
    assert (progress.parked.by, progress.parked.reason) == ("sam", "month end")
    assert progress.chunks.part == (2, 4)
    redis.hset(keys.job(job_id), mapping={"status": "started", "started_at": ago(0)})
    progress = seen(redis, job_id)
    assert progress
    assert progress.parked is None


@pytest.mark.parametrize("value", [b"\xff", b"nan", b"1e400", b"{", b"[1]", b'{"part": 3}', b"null"])
def test_odd_values_are_never_fatal(redis: Redis, job_id: str, value: bytes) -> None:
    names = ("run", "at", "done", "total", "text", "rate", "extended_s", "chunks", "parked")
    for name in names:
        redis.delete(keys.progress(job_id))
        redis.hset(keys.progress(job_id), mapping={"done": "1", name: value})
        seen(redis, job_id)

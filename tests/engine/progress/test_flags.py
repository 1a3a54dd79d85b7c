"""What is asked of a running job reaches that run, and no other."""

from __future__ import annotations

import pytest
from redis import Redis

from job_console.engine.progress import flags
from job_console.engine.redis import keys
from job_console.engine.service import Engine

JOB = "shop.example.com||abc"


@pytest.fixture
def started(redis: Redis) -> str:
    redis.hset(keys.job(JOB), mapping={"status": "started", "started_at": "2026-11-23T10:00:00.000000Z"})
    return JOB


def test_the_first_who_asks_is_the_one_who_is_named(redis: Redis, started: str) -> None:
    assert flags.ask(redis, started, flags.STOP, "sam@example.com", "it is wrong") == "asked"
    assert flags.ask(redis, started, flags.STOP, "kim@example.com") == "already"
    assert flags.ask(redis, started, flags.MORE_TIME, "kim@example.com", seconds=45) == "asked"
    asked = flags.read(redis, started)
    assert set(asked) == {flags.STOP, flags.MORE_TIME}
    assert asked[flags.STOP].at is not None
    assert (asked[flags.STOP].by, asked[flags.MORE_TIME].seconds) == ("sam@example.com", 45)
    assert flags.words(asked, flags.STOP) == "by sam@example.com: it is wrong"
    assert 0 < redis.ttl(keys.asked(started)) <= 86_400


def test_only_a_running_job_can_be_asked(redis: Redis, started: str) -> None:
    assert flags.ask(redis, "shop.example.com||none", flags.STOP, "sam") == "missing"
    redis.hset(keys.job(started), "status", "queued")
    assert flags.ask(redis, started, flags.PAUSE, "sam") == "queued"
    assert flags.read(redis, started) == {}


def test_the_next_run_starts_without_what_was_asked_of_the_one_before(redis: Redis, started: str) -> None:
    flags.ask(redis, started, flags.STOP, "sam")
    redis.hset(keys.job(started), "started_at", "2026-11-23T11:00:00.000000Z")
    assert flags.read(redis, started) == {}
    assert flags.ask(redis, started, flags.PAUSE, "kim") == "asked"
    assert set(flags.read(redis, started)) == {flags.PAUSE}


def test_what_cannot_be_read_was_still_asked(redis: Redis, started: str) -> None:
    redis.hset(
        keys.asked(started),
        mapping={
            "run": redis.hget(keys.job(started), "started_at"),
            "stop": b"\xff not JSON",
            "pause": "[]",
            "odd": "1",
        },
    )
    asked = flags.read(redis, started)
    assert {what: each.by for what, each in asked.items()} == {"stop": "somebody", "pause": "somebody"}


def test_it_can_be_withdrawn(redis: Redis, started: str) -> None:
    flags.ask(redis, started, flags.PAUSE, "sam")
    flags.withdraw(redis, started, flags.PAUSE)
    assert flags.read(redis, started) == {}


@pytest.mark.parametrize(
    ("what", "left", "ended"),
    [
        (flags.KILL, "2026-11-23T10:00:00.000000Z", True),
        (flags.STOP, "2026-11-23T10:00:00.750000Z", True),
        (flags.INTERRUPT, "2026-11-23T09:59:59.750000Z", True),
        (flags.HARD_STOP, "2026-11-23T11:00:00.000000Z", False),
        (flags.PAUSE, "2026-11-23T10:00:00.000000Z", False),
    ],
    ids=["the same start", "noted later", "noted earlier", "another run", "not to end"],
)
def test_a_failed_job_knows_that_somebody_wanted_its_end(
    redis: Redis, started: str, what: str, left: str, ended: bool
) -> None:
    flags.ask(redis, started, what, "sam")
    redis.hset(keys.job(started), mapping={"status": "failed", "started_at": left})
    (job,) = Engine(redis).reader.read([started])
    assert (job.asked, job.asked_to_end) == ({}, ended)

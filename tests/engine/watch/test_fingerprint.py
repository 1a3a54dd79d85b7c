"""A fingerprint changes with what a page shows, and not while only time passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from job_console.engine.errors import RedisUnavailable
from job_console.engine.locks import steps
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.redis import keys
from job_console.engine.redis.link import connect
from job_console.engine.service import Console, Engine
from job_console.engine.watch import incident_log
from job_console.engine.watch.fingerprint import FingerprintReader
from job_console.engine.watch.incidents import Trouble

from .. import bench

Differs = Callable[[], bool]


@pytest.fixture
def differs(redis: Any) -> Differs:
    """Whether there is something new since it was last asked."""
    reader = FingerprintReader(redis)

    def settled() -> str:
        before, now = None, reader.read().digest
        while before != now:  # a lane that has just come is seen by its name first
            before, now = now, reader.read().digest
        return now

    seen = settled()

    def ask() -> bool:
        nonlocal seen
        before, seen = seen, settled()
        return before != seen

    return ask


def test_time_alone_changes_nothing(redis: Any, differs: Differs) -> None:
    bench.fill(redis, 20)
    assert differs()
    assert not differs()


def test_each_step_of_a_job_is_seen(redis: Any, differs: Differs, workers: Any, wait_until: Any) -> None:
    job = bench.enqueue(redis, "tests.jobs.slow_until", kwargs={"key": "gate"})
    assert differs()
    workers.start(bench.SHORT)
    wait_until(lambda: job.get_status() == "started")
    assert differs()
    redis.set("gate", 1)
    wait_until(lambda: job.get_status() == "finished")
    assert differs()


@pytest.mark.parametrize("execution", ["", f":{'0' * 32}"])
def test_a_job_that_was_taken_is_seen_to_start(redis: Any, differs: Differs, execution: str) -> None:
    """From rq 2 on a busy machine may need long between the two steps, and a page that looks between sees it wait."""
    job = bench.enqueue(redis)
    redis.lpop(keys.queue(bench.SHORT))
    redis.zadd(keys.registry("started", bench.SHORT), {job.id + execution: 1})
    assert differs()
    redis.hset(keys.job(job.id), "status", "started")
    assert differs()
    assert not differs()


def test_what_stands_in_a_full_head_is_seen(redis: Any, differs: Differs, console: Console) -> None:
    """The number of jobs stays the same."""
    ids = bench.fill(redis, 20)
    differs()
    console.actions.run("front", [ids[-1]])
    assert differs()


def test_holds_and_suspension_are_seen(redis: Any, differs: Differs, console: Console) -> None:
    bench.fill(redis, 1)
    differs()
    console.operations.run("pause_queue", bench.SHORT, 60, "because")
    assert differs()
    redis.set(keys.SUSPENDED, 1)
    assert differs()


def test_locks_are_seen_when_they_change_hands_not_when_they_are_renewed(redis: Any, differs: Differs) -> None:
    with Lock(redis, "a.localhost|recalc", LockOptions(ttl_s=60)) as held:
        assert differs()
        steps.renew(redis, [(held.lease.wanted, held.lease.token)])
        assert not differs()
    assert differs()


def test_other_benches_are_none_of_its_business(redis: Any) -> None:
    reader = FingerprintReader(redis, "bench:")
    before = reader.read().digest
    bench.fill(redis, 5, queue="other:short")
    assert reader.read().digest == before


def test_what_it_may_not_read_counts_as_nothing(redis: Any, server: Any) -> None:
    rules = ("~rq:[^qj]*", "~rq:queues", "&*", "+@all")
    redis.execute_command("ACL", "SETUSER", "bench", "reset", "on", ">secret", *rules)
    client = connect(f"redis://bench:secret@127.0.0.1:{server.port}")
    try:
        bench.fill(redis, 5)
        reader = FingerprintReader(client)
        reader.read()
        before = reader.read().digest
        redis.set(keys.SUSPENDED, 1)
        assert reader.read().digest != before
    finally:
        client.close()
        redis.execute_command("ACL", "DELUSER", "bench")


def test_a_key_of_another_type_counts_as_nothing(redis: Any, differs: Differs) -> None:
    bench.fill(redis, 1)
    redis.set(keys.registry("failed", bench.SHORT), "not a set")
    redis.set(keys.HOLDS, "not a hash")
    differs()
    assert not differs()
    bench.fill(redis, 2)
    assert differs()


def test_it_says_how_new_a_look_must_be(redis: Any, engine: Engine) -> None:
    reader = FingerprintReader(redis)
    old = engine.watch.look()
    seen = reader.read()
    assert old.bench.at < seen.at
    assert engine.watch.look() is old
    new = engine.watch.look(since=seen.at)
    assert new.bench.at >= seen.at
    assert engine.watch.look(since=seen.at) is new


def test_it_costs_one_round_trip_and_reads_no_job_that_waits(redis: Any, round_trips: Any) -> None:
    ids = bench.fill(redis, 100)
    reader = FingerprintReader(redis)
    reader.read()
    with round_trips() as counted:
        reader.read()
    assert len(counted) == 1
    assert ids[0].encode() not in counted.sent[0]


def test_a_server_that_is_gone_is_said(own_server: Any) -> None:
    from tests.support.processes import kill

    client = connect(own_server.url)
    reader = FingerprintReader(client)
    reader.read()
    kill(own_server.pid)
    with pytest.raises(RedisUnavailable):
        reader.read()
    client.close()


def test_incidents_are_seen_when_they_are_written_down_and_acknowledged(redis: Any, differs: Differs) -> None:
    key, now = keys.incident_log(""), datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
    trouble = Trouble("k", "ghost_queued", "warning", "k.", {})
    incident_log.write_down(redis, key, [trouble], now)
    assert differs()
    incident_log.write_down(redis, key, [trouble], now + timedelta(seconds=5))
    assert not differs()
    (found,) = incident_log.read(redis, key)
    incident_log.acknowledge(redis, key, found.name, "ops@example.com", now + timedelta(seconds=6))
    assert differs()

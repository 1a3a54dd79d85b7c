"""Workers that have armed no job: who they are is known by the reader of their host, and told when they are killed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis

from job_console.engine.host.reader import Reader
from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import arming, process, serving
from job_console.engine.stacks import limits as stacks_limits

from ...support.processes import Workers
from ..bench import SHORT, ago, enqueue, status
from .test_killed import lost, row, snapshot

pytestmark = pytest.mark.usefixtures("no_reader")


def known(redis: Redis, name: str = "w1") -> dict[str, Any]:
    said: Any = redis.get(keys.process(name))
    return dict(json.loads(said)) if said else {}


def test_an_idle_one_is_reported(
    redis: Redis, console: Console, workers: Workers, kill_both: Any, elsewhere: Callable[[], None]
) -> None:
    """Its process is recognised by the connection that Redis knows."""
    reader = Reader(redis)
    worker = workers.start(SHORT, name="w1")
    reader.see_who_is_there()
    found = known(redis)
    assert (found["pid"], found["born"], found["job_id"]) == (worker.pid, process.born(worker.pid), "")
    (listed,) = snapshot(console)["workers"]
    assert listed["gone"] is None
    kill_both(worker)
    (listed,) = snapshot(console)["workers"]
    assert (listed["state"], f"Process {worker.pid}" in listed["gone"]) == ("gone", True)
    reader.see_who_is_there()
    elsewhere()
    (listed,) = snapshot(console)["workers"]
    assert listed["state"] == "gone", "and others are told"


def test_one_that_was_killed_before_anybody_looked(
    redis: Redis, console: Console, workers: Workers, kill_both: Any, elsewhere: Callable[[], None]
) -> None:
    """It registered itself just now, has no process, and its connection is closed."""
    worker = workers.start(SHORT, name="w1")
    kill_both(worker)
    reader = Reader(redis)
    reader.see_who_is_there()
    reader.see_who_is_there()
    elsewhere()
    (listed,) = snapshot(console)["workers"]
    assert (listed["state"], f"Process {worker.pid}" in listed["gone"]) == ("gone", True)


@pytest.mark.parametrize(
    "record",
    [
        {"ip_address": "unknown"},
        {"ip_address": "its own"},
        {"hostname": "another"},
        {"birth": "2020-01-01T00:00:00.000000Z"},
        {"birth": "2199-01-01T00:00:00.000000Z"},
    ],
)
def test_who_may_live_elsewhere(redis: Redis, workers: Workers, kill_both: Any, record: dict[str, str]) -> None:
    """Another container of the same host name has pids of its own: nothing is claimed of a worker that may be there."""
    kill_both(workers.start(SHORT, name="w1"))
    if record.get("ip_address") == "its own":
        record = {"ip_address": next(each["addr"] for each in redis.client_list())}
    redis.hset(keys.worker("w1"), mapping=record)
    Reader(redis).see_who_is_there()
    assert not known(redis)


@pytest.mark.parametrize("fork", [True, False])
def test_its_job_that_did_not_arm_is_lost_and_may_go_on(
    redis: Redis, console: Console, workers: Workers, wait_until: Callable[..., object], kill_both: Any, fork: bool
) -> None:
    """Which process ran the job is not known: that it is gone too is not claimed, and nothing is done by itself."""
    job = enqueue(redis, "tests.jobs.hang")
    worker = workers.start(SHORT, name="w1", fork=fork)
    wait_until(lambda: status(redis, job.id) == "started")
    Reader(redis).see_who_is_there()
    assert lost(console) == []
    kill_both(worker)
    (warning,) = lost(console)
    assert f"process {worker.pid} on" in warning["message"]
    assert warning["evidence"]["job_runs"] is None
    assert not any(each["safe"] for each in warning["remedies"])
    console.engine.watch.forget()
    assert console.warnings.mend()["results"] == []
    assert row(console)["lost"] is True


def test_what_a_job_says_of_its_worker_stays(redis: Redis, running: Any, workers: Workers) -> None:
    """It knows more: its own process."""
    job, _worker = running()
    before = known(redis)
    workers.start("other", name="w2")
    Reader(redis).see_who_is_there()
    assert known(redis) == before
    assert before["job_id"] == job.id
    assert known(redis, "w2")["job_id"] == ""


@pytest.mark.parametrize(
    ("record", "is_it"),
    [
        ({}, True),
        ({"ip_address": "unknown"}, True),
        ({"ip_address": "10.0.0.9:4242"}, True),
        ({"ip_address": "unknown", "hostname": "another"}, False),
        ({"ip_address": "10.0.0.9:4242", "birth": "2020-01-01T00:00:00.000000Z"}, False),
        ({"ip_address": "10.0.0.9:4242", "birth": "2199-01-01T00:00:00.000000Z"}, False),
        ({"ip_address": "unknown", "birth": ""}, False),
        ({"ip_address": "unknown", "pid": "1"}, False),
        ({"ip_address": "unknown", "pid": str(os.getpid())}, False),
        ({"ip_address": "unknown", "pid": "none"}, False),
    ],
)
def test_who_is_recognised(redis: Redis, workers: Workers, record: dict[str, str], is_it: bool) -> None:
    """By its connection; else by all of: host, birth, command line, a connection to this server."""
    workers.start(SHORT, name="w1", inside=("env",))  # not forked: its command line is its own
    if record:
        redis.hset(keys.worker("w1"), mapping=record)
    Reader(redis).see_who_is_there()
    assert bool(known(redis)) is is_it


def test_two_that_claim_one_pid_are_distinguished_by_their_connections_only(redis: Redis, workers: Workers) -> None:
    """Containers that share a host name: each has a pid 7 of its own."""
    workers.start(SHORT, name="w1", inside=("env",))
    record: Any = redis.hgetall(keys.worker("w1"))
    redis.hset(keys.worker("other"), mapping={**record, b"ip_address": "10.0.0.9:4242"})
    redis.sadd(keys.WORKERS, keys.worker("other"))
    Reader(redis).see_who_is_there()
    assert known(redis)
    assert not known(redis, "other")
    redis.delete(keys.process("w1"))
    redis.hset(keys.worker("w1"), "ip_address", "unknown")
    Reader(redis).see_who_is_there()
    assert not known(redis)


def test_a_new_one_of_the_same_name_is_another_one(redis: Redis, console: Console, workers: Workers) -> None:
    first = workers.start(SHORT, name="w1")
    Reader(redis).see_who_is_there()
    workers.kill(first)
    redis.delete(keys.worker("w1"))
    second = workers.start(SHORT, name="w1")
    (listed,) = snapshot(console)["workers"]
    assert listed["gone"] is None
    Reader(redis).see_who_is_there()
    assert known(redis)["pid"] == second.pid


@pytest.mark.parametrize("beats", [False, True], ids=["no record", "a record that a heartbeat wrote anew"])
@pytest.mark.parametrize("fork", [True, False])
def test_one_that_redis_has_forgotten_is_reported_when_it_is_killed_in_its_job(
    redis: Redis,
    console: Console,
    running: Any,
    kill_both: Any,
    elsewhere: Callable[[], None],
    fork: bool,
    beats: bool,
) -> None:
    """Redis lost its data under it: it is in no list, its record names no process, and its job, of a new age, names
    it."""
    job, worker = running(fork=fork, timeout=3600)
    heard_of = redis.hget(keys.worker("w1"), "last_heartbeat")
    redis.srem(keys.WORKERS, keys.worker("w1"))
    redis.srem(keys.workers_of(SHORT), keys.worker("w1"))
    redis.delete(keys.worker("w1"))
    if beats:
        redis.hset(keys.worker("w1"), mapping={"state": "busy", "current_job": job.id, "last_heartbeat": heard_of})
    reader = Reader(redis)
    reader.see_who_is_there()
    assert lost(console) == []
    kill_both(worker)
    reader.see_who_is_there()
    for look in (lambda: None, elsewhere):
        look()
        (warning,) = lost(console)
        assert (warning["job_id"], warning["evidence"]["job_runs"]) == (job.id, False)
        assert [each["safe"] for each in warning["remedies"]] == [True, False]
    console.engine.watch.forget()
    (result,) = console.warnings.mend()["results"]
    assert (result["ok"], result["state_after"]) == (True, "failed")


def test_one_that_redis_has_forgotten_is_gone_also_when_its_job_has_ended(
    redis: Redis, console: Console, running: Any, kill_both: Any, elsewhere: Callable[[], None]
) -> None:
    """What its heartbeats wrote anew lives on for minutes, and is in no list."""
    job, worker = running()
    redis.srem(keys.WORKERS, keys.worker("w1"))
    redis.srem(keys.workers_of(SHORT), keys.worker("w1"))
    heard_of = redis.hget(keys.worker("w1"), "last_heartbeat")
    redis.delete(keys.worker("w1"))
    redis.hset(keys.worker("w1"), mapping={"state": "idle", "last_heartbeat": heard_of})
    reader = Reader(redis)
    reader.see_who_is_there()
    snapshot(console)  # which remembers who runs what
    kill_both(worker)
    redis.delete(keys.ARMED)  # as when its job has ended well before
    redis.hset(keys.job(job.id), "status", "finished")
    redis.zrem(keys.registry("started", SHORT), *redis.zrange(keys.registry("started", SHORT), 0, -1))
    reader.see_who_is_there()
    elsewhere()
    assert {each["state"] for each in snapshot(console)["workers"]} <= {"gone"}
    assert redis.exists(keys.process_ended("w1"))


def test_redis_loses_its_memory_and_then_a_worker_dies_with_the_job_that_it_took(
    redis: Redis,
    console: Console,
    workers: Workers,
    wait_until: Callable[..., object],
    elsewhere: Callable[[], None],
) -> None:
    """What it wrote anew says that it is busy, and names neither its process nor a job. Its host's reader knew it."""
    worker = workers.start(SHORT, name="w1", extra=("--die", "prepared"))
    reader = Reader(redis)
    for _ in range(2):  # recognised, and then read
        reader.see_who_is_there()
    snapshot(console)  # which remembers who serves the lane
    redis.flushall()
    job = enqueue(redis, "tests.jobs.add")
    wait_until(lambda: worker.poll() is not None, message="it took the job, and died")
    record: Any = redis.hgetall(keys.worker("w1"))
    assert (record[b"state"], b"pid" in record, b"current_job" in record) == (b"busy", False, False)
    redis.hset(keys.worker("w1"), "last_heartbeat", ago(30))  # a while ago: it is not between two jobs
    reader.see_who_is_there()
    elsewhere()
    snapshot(console)
    console.engine.watch.forget()
    reported = {each["code"]: each for each in console.warnings.all(prove=True)["warnings"]}
    assert "worker_stale" not in reported, "it is not said to be there"
    assert {each["job_id"] for each in reported.values() if each["job_id"]} == {job.id}, "and what it took is lost"


@pytest.mark.parametrize("known_before", [True, False])
def test_redis_loses_its_memory_and_then_a_worker_is_killed_in_its_first_job(
    redis: Redis,
    console: Console,
    workers: Workers,
    wait_until: Callable[..., object],
    kill_both: Any,
    elsewhere: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    known_before: bool,
) -> None:
    """The worker is in no list, and its job's process is seen to be gone before anybody has asked whose it was."""
    monkeypatch.setattr(stacks_limits, "PRESENCE_LOOK_S", 0.0)
    worker = workers.start(SHORT, name="w1")
    reader = Reader(redis)
    for _ in range(2 if known_before else 0):
        reader.see_who_is_there()
    redis.flushall()
    redis.set(keys.stack_reader(arming.host()), serving.STARTING)  # the reader is there: the job starts none
    job = enqueue(redis, "tests.jobs.hang_seen")
    wait_until(lambda: redis.hexists(keys.ARMED, job.id))
    kill_both(worker)
    if known_before:
        redis.delete(keys.ARMED)
    reader._turn()
    elsewhere()
    (warning,) = lost(console)
    assert (warning["job_id"], warning["evidence"]["job_runs"]) == (job.id, False)
    assert f"process {worker.pid} on" in warning["message"]


def test_one_that_obeys_introduces_itself_before_the_reader_comes_by(
    redis: Redis,
    console: Console,
    workers: Workers,
    kill_both: Any,
    elsewhere: Callable[[], None],
    wait_until: Any,
) -> None:
    """Killed a moment after it began, it is missed within one look of the reader of its host."""
    worker = workers.start(SHORT, name="w1", extra=("--obey",))
    found = wait_until(lambda: known(redis))
    assert (found["pid"], found["born"], found["job_id"]) == (worker.pid, process.born(worker.pid), "")
    kill_both(worker)
    Reader(redis).see_who_is_there()
    elsewhere()
    (listed,) = snapshot(console)["workers"]
    assert (listed["state"], f"Process {worker.pid}" in listed["gone"]) == ("gone", True)

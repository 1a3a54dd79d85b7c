"""Faults that are really made on real RQ, and the warnings that they must raise: those and no others.

Where RQ would take minutes to show a fault, the old moment is written instead of waited for.
"""

from __future__ import annotations

import os
import pickle
import signal
import time
import zlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from rq import Queue, Retry

from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine

from ... import jobs as work
from ...support.processes import Workers
from .. import bench
from ..bench import LONG, SHORT
from .faults import act, history, is_in


def test_a_run_far_beyond_what_is_usual(redis: Any, workers: Workers, wait_until: Any, only: Any) -> None:
    history(redis, "tests.jobs.hang", 20)
    job = bench.enqueue(redis, "tests.jobs.hang", timeout=1500)
    workers.start(SHORT, name="w1")
    wait_until(is_in(redis, job.id, "started"))
    bench.age(redis, job.id, 600, "started_at")
    warning = only("overrunning")
    assert (warning["job_id"], warning["worker"]) == (job.id, "w1")
    assert warning["message"].startswith("tests.jobs.hang has run 10 min, usually 2")


def test_a_worker_of_one_queue_dies_between_taking_and_starting(
    redis: Any, console: Console, workers: Workers, wait_until: Any, only: Any
) -> None:
    job = bench.enqueue(redis)
    Queue.dequeue_any([Queue(SHORT, connection=redis)], None, connection=redis)
    if not redis.llen(keys.intermediate(SHORT)):
        redis.rpush(keys.intermediate(SHORT), job.id)  # rq 1.15 has no such list
    warning = only("in_limbo")
    assert warning["job_id"] == job.id
    act(console, warning)
    assert bench.places(redis, job.id) == [f"queued {SHORT}"]
    workers.start(SHORT, burst=True)
    wait_until(is_in(redis, job.id, "finished"))


def test_all_workers_are_busy_with_another_lane(redis: Any, workers: Workers, wait_until: Any, only: Any) -> None:
    busy = bench.enqueue(redis, "tests.jobs.hang", queue=LONG)
    workers.start(LONG, SHORT)
    wait_until(is_in(redis, busy.id, "started"))
    bench.age(redis, bench.enqueue(redis).id, 400, "enqueued_at", "created_at")
    warning = only("starved")
    assert (warning["queue"], warning["evidence"]["busy_in"]) == (SHORT, {"long": 1})


def test_a_scheduled_job_whose_time_passed(
    redis: Any, console: Console, workers: Workers, wait_until: Any, only: Any, warnings: Any
) -> None:
    workers.start(SHORT)
    later = Queue(SHORT, connection=redis).enqueue_at(datetime.now(timezone.utc) + timedelta(hours=1), work.say_hello)
    assert warnings() == []
    redis.zadd(keys.registry("scheduled", SHORT), {later.id: time.time() - 60})
    warning = only("scheduled_overdue")
    assert (warning["job_id"], warning["evidence"]["scheduler_runs"]) == (later.id, False)
    act(console, warning)
    wait_until(is_in(redis, later.id, "finished"))
    assert warnings() == []


def test_a_retry_that_nothing_moves(redis: Any, workers: Workers, wait_until: Any, only: Any) -> None:
    """`Retry(interval=…)` needs RQ's scheduler, which no worker of Frappe's has."""
    job = Queue(SHORT, connection=redis).enqueue(work.fail, retry=Retry(max=1, interval=1))
    workers.start(SHORT)
    wait_until(lambda: bench.places(redis, job.id) == [f"scheduled {SHORT}"])
    redis.zadd(keys.registry("scheduled", SHORT), {job.id: time.time() - 60})
    assert only("scheduled_overdue")["job_id"] == job.id


@pytest.mark.parametrize("how", ["failed", "canceled", "gone"])
def test_a_job_waits_for_one_that_will_never_end_well(
    redis: Any, workers: Workers, console: Console, wait_until: Any, only: Any, warnings: Any, how: str
) -> None:
    lane = Queue(SHORT, connection=redis)
    first = lane.enqueue(work.fail)
    second = lane.enqueue(work.say_hello, depends_on=first)
    assert [warning["code"] for warning in warnings()] == []
    if how == "failed":
        workers.start(SHORT, burst=True)
        wait_until(is_in(redis, first.id, "failed"))
    elif how == "canceled":
        first.cancel()
    else:
        redis.lrem(keys.queue(SHORT), 0, first.id)
        redis.delete(first.key)
    warning = only("blocked_dependency")
    assert (warning["job_id"], warning["evidence"]["dependency"]) == (second.id, first.id)
    assert warning["evidence"]["dependency_status"] == how
    act(console, warning, safe=False)
    workers.start(SHORT, burst=True)
    wait_until(is_in(redis, second.id, "finished"))
    assert bench.places(redis, second.id) == [f"finished {SHORT}"]


def test_a_job_that_waits_for_a_living_one_is_not_forced(redis: Any, console: Console) -> None:
    lane = Queue(SHORT, connection=redis)
    second = lane.enqueue(work.say_hello, depends_on=lane.enqueue(work.say_hello))
    (result,) = console.actions.run("requeue", [second.id], "hurry")["results"]
    assert (result["ok"], result["state_after"]) == (False, "deferred")
    assert bench.places(redis, second.id) == [f"deferred {SHORT}"]


def test_a_scheduled_job_is_not_put_in_its_queue_before_its_time(redis: Any, console: Console) -> None:
    later = Queue(SHORT, connection=redis).enqueue_in(timedelta(hours=1), work.say_hello)
    (result,) = console.actions.run("requeue", [later.id], "hurry")["results"]
    assert (result["ok"], result["state_after"]) == (False, "scheduled")


@pytest.mark.parametrize(
    "data", [b"not a pickle", b"", zlib.compress(pickle.dumps(("a", "b")))], ids=["text", "empty", "two"]
)
def test_a_payload_that_nobody_can_read(redis: Any, console: Console, only: Any, warnings: Any, data: bytes) -> None:
    job = bench.enqueue(redis)
    redis.hset(keys.job(job.id), "data", data)
    warning = only("undecodable")
    assert warning["job_id"] == job.id
    act(console, warning, safe=False)
    assert warnings() == []


def test_what_a_worker_could_not_read_either(redis: Any, workers: Workers, wait_until: Any, only: Any) -> None:
    job = bench.enqueue(redis)
    redis.hset(keys.job(job.id), "data", zlib.compress(b"\x80\x05nonsense"))
    workers.start(SHORT)
    wait_until(is_in(redis, job.id, "failed"))
    assert only("undecodable")["job_id"] == job.id


def test_a_payload_in_json_is_one(redis: Any, warnings: Any) -> None:
    job = bench.enqueue(redis)
    redis.hset(keys.job(job.id), "data", zlib.compress(b'["tests.jobs.say_hello", null, [], {"name": "x"}]'))
    assert warnings() == []


def test_the_same_work_waits_again_and_again(redis: Any, workers: Workers, wait_until: Any, warnings: Any) -> None:
    workers.start(LONG)
    for number in range(12):
        job = bench.enqueue(redis, kwargs={"name": "same" if number % 2 else str(number)})
        bench.age(redis, job.id, 400, "enqueued_at", "created_at")
    found = warnings()
    assert sorted(warning["code"] for warning in found) == ["duplicated", "no_workers"]
    (duplicated,) = [warning for warning in found if warning["code"] == "duplicated"]
    assert (duplicated["evidence"]["copies"], duplicated["evidence"]["compared"]) == (6, 12)


def test_a_worker_that_is_idle_and_deaf(redis: Any, workers: Workers, wait_until: Any, only: Any) -> None:
    def popping() -> list[str]:
        return [client["id"] for client in redis.client_list(_type="normal") if client["cmd"] in ("blpop", "blmove")]

    process = workers.start(SHORT, name="deaf")
    wait_until(popping)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        # Blocked in its pop it would still be handed the job; one whose connection broke is not.
        for client in popping():
            redis.client_kill_filter(_id=client)
        bench.age(redis, bench.enqueue(redis).id, 120, "enqueued_at", "created_at")
        redis.hset(keys.worker("deaf"), mapping={"birth": bench.ago(400), "last_heartbeat": bench.ago(110)})
        assert only("worker_stale")["worker"] == "deaf"
    finally:
        os.kill(process.pid, signal.SIGCONT)


def test_redis_runs_full(redis: Any, only: Any, warnings: Any) -> None:
    used = redis.info("memory")["used_memory"]
    before = redis.config_get("maxmemory*")
    try:
        redis.config_set("maxmemory", int(used * 1.2))
        redis.config_set("maxmemory-policy", "allkeys-lru")
        assert only("redis_pressure")["severity"] == "critical"
        redis.config_set("maxmemory", used * 3)
        assert warnings() == []
    finally:
        redis.config_set("maxmemory", before["maxmemory"])
        redis.config_set("maxmemory-policy", before["maxmemory-policy"])


def test_a_worker_that_dies_in_the_gap_of_a_blocking_pop(redis: Any, console: Console, only: Any) -> None:
    """frappe#31325: a worker of several queues pops with BLPOP and is killed before it starts the job."""
    job = bench.enqueue(redis)
    Queue.dequeue_any([Queue(LONG, connection=redis), Queue(SHORT, connection=redis)], None, connection=redis)
    assert bench.places(redis, job.id) == []
    warning = only("ghost_queued")
    assert warning["job_id"] == job.id
    act(console, warning, safe=False)
    assert bench.places(redis, job.id) == [f"queued {SHORT}"]


def test_a_lane_near_the_wall(redis: Any, engine: Engine, workers: Workers, wait_until: Any, only: Any) -> None:
    """The host tells the wall; the console has none to tell."""
    engine.watch.enqueue_limit = lambda: 100
    busy = bench.enqueue(redis, "tests.jobs.hang")
    workers.start(SHORT)
    wait_until(is_in(redis, busy.id, "started"))
    bench.fill(redis, 90, enqueued_at=bench.ago(1))
    warning = only("overloaded")
    assert (warning["queue"], warning["evidence"]["wall"], warning["severity"]) == (SHORT, 100, "warning")
    assert bench.status(redis, busy.id) == "started"

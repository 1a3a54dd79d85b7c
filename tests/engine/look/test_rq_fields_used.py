"""What RQ writes and few people read: each fact is made by RQ itself, and decides what is said."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from rq.job import Dependency, Job
from rq.registry import StartedJobRegistry

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.look import snapshot
from job_console.engine.models.bench import Lane
from job_console.engine.models.warnings import Warning
from job_console.engine.redis import keys
from job_console.engine.service import Engine, Viewer

from ...support.processes import Workers
from ..bench import DEFAULT, LONG, SHORT, age, enqueue, expire_lease, status

pytestmark = pytest.mark.usefixtures("quick_proof")
Until = Callable[..., object]
GO = "test:go"


def said(engine: Engine) -> dict[str, Warning]:
    """What is proven now, by code."""
    for _ in range(3):
        engine.watch.forget()
        look = engine.watch.look(0.5)
        time.sleep(diagnosis_limits.PROOF_S)
    return {warning.code: warning for warning in look.warnings}


def running(redis: Redis, wait_until: Until, queue: str = SHORT, **options: Any) -> Job:
    """A job that runs until GO is set."""
    job = enqueue(redis, "tests.jobs.slow_until", queue, kwargs={"key": GO}, **options)
    wait_until(lambda: status(redis, job.id) == "started")
    return job


def explained(engine: Engine, job: Job) -> dict[str, Any]:
    engine.watch.forget()
    return engine.console(Viewer("tester")).jobs.explain(job.id)


def test_a_dependency_that_finished_and_expired_blocks_nothing(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    workers.start(SHORT)
    workers.start(LONG)
    first = enqueue(redis, result_ttl=1)
    second = running(redis, wait_until, LONG)
    waits = enqueue(redis, depends_on=[first, second])
    wait_until(lambda: not redis.exists(first.key))
    assert "blocked_dependency" not in said(engine)
    assert "for ever" not in " ".join(explained(engine, waits)["because"])
    redis.set(GO, 1)
    wait_until(lambda: status(redis, waits.id) == "finished", message="RQ runs it by itself")


@pytest.mark.parametrize("allows", [True, False])
def test_a_dependency_may_fail_where_that_is_allowed(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until, allows: bool
) -> None:
    workers.start(SHORT)
    workers.start(LONG)
    second = running(redis, wait_until, LONG)
    first = enqueue(redis, "tests.jobs.say_hello", DEFAULT)
    waits = enqueue(redis, depends_on=Dependency(jobs=[first, second], allow_failure=allows))
    redis.lrem(keys.queue(DEFAULT), 0, first.id)
    first.set_status("failed")
    assert ("blocked_dependency" in said(engine)) is not allows
    redis.set(GO, 1)
    wait_until(lambda: status(redis, second.id) == "finished")
    if allows:
        wait_until(lambda: status(redis, waits.id) == "finished", message="RQ runs it by itself")
    else:
        assert status(redis, waits.id) == "deferred"


def test_a_worker_that_was_asked_to_stop_is_promised_to_nobody(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    worker = workers.start(SHORT, name="w1")
    running(redis, wait_until)
    os.kill(worker.pid, signal.SIGTERM)
    wait_until(lambda: redis.hexists(keys.worker("w1"), "shutdown_requested_date"))
    waits = enqueue(redis)
    age(redis, waits.id, 90, "enqueued_at")
    warning = said(engine)["no_workers"]
    assert (warning.severity, warning.evidence["stopping"]) == ("warning", ["w1"])
    reported = explained(engine, waits)
    assert reported["expected_start_s"] is None
    assert "w1 was told to stop" in reported["because"][0]
    snapshot = engine.console(Viewer("tester")).snapshot()
    assert snapshot["queues"][0]["workers"]["draining"] == 1
    assert snapshot["queues"][0]["drain_s"] is None
    assert snapshot["workers"][0]["draining_since"]
    redis.set(GO, 1)
    worker.wait(20)
    assert redis.hexists(keys.worker("w1"), "death")
    engine.watch.forget()
    assert not [each for each in engine.watch.look().bench.workers if each.alive], "its record lives, and says so"


def test_a_worker_that_redis_forgot_serves_its_lane(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    workers.start(SHORT, LONG, name="w1")
    redis.flushall()
    job = running(redis, wait_until)
    for queue in (SHORT, LONG):
        age(redis, enqueue(redis, queue=queue).id, 60, "enqueued_at")
    assert "no_workers" not in said(engine)
    found = engine.watch.look().bench.worker(job.worker_name or "w1")
    assert found is not None
    assert (found.unregistered, found.queues) == (True, (SHORT,))
    fresh = Engine(redis)  # a process that has never looked
    assert "No worker" not in " ".join(explained(fresh, enqueue(redis))["because"])
    assert "may be one of them" in " ".join(explained(fresh, enqueue(redis, queue=LONG))["because"])


def test_what_maintenance_abandoned_was_killed(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    worker = workers.start(SHORT)
    job = running(redis, wait_until)
    redis.hset(job.key, "ended_at", "2026-01-01T00:00:00.000000Z")  # an earlier run's
    workers.kill(worker)
    redis.delete(keys.worker(worker.worker_name))  # type: ignore[attr-defined]
    StartedJobRegistry(SHORT, connection=redis).cleanup(time.time() + 3600)
    assert status(redis, job.id) == "failed"
    found = said(engine)["killed"]
    assert (found.job_id, found.evidence["type"]) == (job.id, "AbandonedJobError")
    detail = engine.console(Viewer("tester")).jobs.show(job.id)
    assert detail["ended_at"] >= detail["started_at"]


def test_a_failure_whose_id_ran_again_and_ended_well_is_none(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    workers.start(SHORT)
    job = enqueue(redis, "tests.jobs.die", name="again")
    wait_until(lambda: redis.zcard(keys.registry("failed", SHORT)))
    assert "killed" in said(engine)
    enqueue(redis, name="again")
    wait_until(lambda: status(redis, job.id) == "finished")
    redis.zadd(keys.registry("failed", SHORT), {job.id: time.time() + 600})  # as a late maintenance leaves it
    assert "killed" not in said(engine)
    assert engine.watch.look().bench.lanes[0].failures == ()


def test_silence_proves_nothing_of_a_job_without_a_timeout(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    worker = workers.start(SHORT, fork=False)
    job = running(redis, wait_until, timeout=-1)
    expire_lease(redis, job.id)  # after 420 s
    assert "worker_lost" not in said(engine), "Redis has its connection"
    workers.kill(worker)
    remedies = said(engine)["worker_lost"].remedies
    assert [(remedy.action, remedy.safe) for remedy in remedies] == [("fail", False), ("requeue", False)]


def test_a_record_that_is_missing_proves_nothing_while_the_lease_goes_on(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    worker = workers.start(SHORT)
    job = running(redis, wait_until)
    redis.delete(keys.worker(worker.worker_name))  # type: ignore[attr-defined]
    assert "worker_lost" not in said(engine)
    workers.kill(worker)
    expire_lease(redis, job.id)
    assert "worker_lost" in said(engine)


@pytest.mark.parametrize("left_s", [None, 3_600])
def test_only_the_lock_that_rqs_scheduler_keeps_proves_one(
    left_s: int | None, redis: Redis, engine: Engine, workers: Workers, wait_until: Until
) -> None:
    """It sets it to a minute each second. One that was written by hand, or copied, has another time to live."""
    worker, lock = workers.start(SHORT, extra=("--scheduler",)), keys.scheduler_lock(SHORT)
    redis.sadd(keys.QUEUES, keys.queue(SHORT))
    wait_until(lambda: redis.exists(lock))
    redis.expire(lock, 30)
    wait_until(lambda: redis.ttl(lock) > 55, message="its heartbeat")
    assert lane(engine).has_mover
    workers.kill(worker)
    assert lane(engine).has_mover, "for a minute nobody can tell"
    redis.expire(lock, left_s) if left_s else redis.persist(lock)
    assert (lane(engine).has_mover, lane(engine).stray_lock) == (False, True)


def lane(engine: Engine) -> Lane:
    found = snapshot.take(engine.redis, engine.reader).lane(SHORT)
    assert found is not None
    return found


def test_what_rq_will_do_by_itself_is_read(redis: Redis, engine: Engine) -> None:
    job = enqueue(redis)
    reported = {"retries_left": 2, "retry_intervals": "[5, 60]", "repeats_left": 3, "repeat_intervals": "[600]"}
    redis.hset(job.key, mapping=reported)
    (read,) = engine.reader.read([job.id])
    assert (read.retries_left, read.retry_intervals) == (2, (5.0, 60.0))
    assert (read.repeats_left, read.repeat_intervals) == (3, (600.0,))
    assert (read.failure_ttl_s, read.result_ttl_s, read.allows_failures) == (604800.0, 600.0, False)

"""Records that RQ cannot load: each worker that takes such a job ends, before the job is its own (rq-scheduler#79,
rq#1061, rq#908). Put back, it ends the next one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job

from job_console.engine.redis import keys
from job_console.engine.service import Console
from tests.zoo.fault import RQ

from ...support.processes import Workers
from ..bench import LONG, SHORT, enqueue, fill, places, scheduled_run, status

Wait = Callable[..., object]

pytestmark = pytest.mark.usefixtures("no_reader", "quick_proof")


@pytest.fixture
def reported(console: Console) -> Callable[[], dict[str, dict[str, Any]]]:
    def look() -> dict[str, dict[str, Any]]:
        console.engine.watch.forget()
        return {each["code"]: each for each in console.warnings.all(prove=True)["warnings"]}

    return look


@pytest.fixture
def mend(console: Console) -> Callable[[], list[tuple[str, bool, str]]]:
    def now() -> list[tuple[str, bool, str]]:
        console.engine.watch.forget()
        return [(each["job_id"], each["ok"], each["state_after"]) for each in console.warnings.mend()["results"]]

    return now


def took(redis: Redis, job_id: str, queue: str = SHORT) -> Callable[[], bool]:
    return lambda: f"queued {queue}" not in places(redis, job_id)


def test_a_number_that_is_none_is_told_before_and_after_it_ended_a_worker(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, reported: Any, mend: Any
) -> None:
    """`job.result_ttl = delta.total_seconds()`: RQ writes that, and cannot read it."""
    job = Job.create("tests.jobs.say_hello", id="a.localhost||x", connection=redis)
    job.result_ttl = 600.0
    Queue(SHORT, connection=redis).enqueue_job(job)
    found = reported()["undecodable"]
    assert "ends each worker that takes it" in found["message"]
    assert "its result_ttl is '600.0'" in found["message"]
    assert (found["severity"], found["evidence"]["ends_workers"]) == ("critical", True)
    worker = workers.start(SHORT, LONG, name="w1")
    wait_until(took(redis, job.id))
    wait_until(lambda: worker.poll() is not None, message="RQ ends it")
    assert (status(redis, job.id), places(redis, job.id)) == ("queued", [])
    found = reported()["ghost_queued"]
    assert "it ended the worker that took it" in found["message"]
    assert [each["action"] for each in found["remedies"]] == ["free"]
    assert mend() == [], "a process that runs it itself would need no record"
    (refused,) = console.actions.run("requeue", [job.id])["results"]
    assert (refused["ok"], "would end each worker" in refused["reason"]) == (False, True)


def test_a_status_that_this_rq_does_not_know(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, reported: Any
) -> None:
    """Another client's, or a newer RQ's. RQ 1 takes any."""
    job = enqueue(redis, name="x")
    redis.hset(keys.job(job.id), "status", "waiting")
    found = reported()
    worker = workers.start(SHORT, LONG, name="w1")
    if RQ < (2, 0):
        assert "undecodable" not in found
        wait_until(lambda: status(redis, job.id) == "finished")
        return
    assert "its status is 'waiting'" in found["undecodable"]["message"]
    wait_until(lambda: worker.poll() is not None, message="RQ ends it")
    assert places(redis, job.id) == []
    because = console.jobs.explain(job.id)["because"]
    assert [each for each in because if "its status is 'waiting'" in each], because
    (refused,) = console.actions.run("requeue", [job.id])["results"]
    assert (refused["ok"], "would end each worker" in refused["reason"]) == (False, True)


def test_between_two_lists_it_is_not_put_back_and_can_be_deleted(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, reported: Any, mend: Any
) -> None:
    """There RQ's own maintenance fails on it, too."""
    job = enqueue(redis, name="x")
    redis.hset(keys.job(job.id), "created_at", "2019-03-30 06:07:00")
    worker = workers.start(SHORT, name="w1")
    wait_until(took(redis, job.id))
    wait_until(lambda: worker.poll() is not None, message="RQ ends it")
    if places(redis, job.id) != [f"intermediate {SHORT}"]:
        pytest.skip("this rq has no such list")
    found = reported()
    assert "in_limbo" not in found
    assert [each["action"] for each in found["undecodable"]["remedies"]] == ["delete"]
    assert mend() == []
    because = console.jobs.explain(job.id)["because"]
    assert "its created_at is '2019-03-30 06:07:00'" in because[0]
    assert console.actions.run("delete", [job.id], reason="written by hand")["results"][0]["ok"]
    assert (redis.exists(keys.job(job.id)), places(redis, job.id)) == (0, [])


def test_a_schedule_goes_on_without_the_run_that_cannot_be_loaded(redis: Redis, reported: Any, mend: Any) -> None:
    """Its id is freed: Frappe's scheduler enqueues the next run, and runs none itself."""
    job = scheduled_run(redis, name="scheduled_job|x")
    redis.hset(keys.job(job.id), "timeout", "five minutes")
    redis.delete(keys.queue(SHORT))
    assert "its timeout is 'five minutes'" in reported()["ghost_queued"]["message"]
    assert mend() == [(job.id, True, "gone")]


def test_many_of_them_are_one_warning(redis: Redis, reported: Any) -> None:
    fill(redis, 30, result_ttl="600.0")
    message = reported()["undecodable"]["message"]
    assert "end each worker that takes one: RQ cannot load their records" in message


@pytest.mark.parametrize("written", ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5Z", ""])
def test_what_rq_can_load_is_well(redis: Redis, reported: Any, written: str) -> None:
    """Dates of older versions, `1h` for a timeout, and fields that are empty."""
    job = enqueue(redis, name="x")
    redis.hset(
        keys.job(job.id), mapping={"started_at": written, "timeout": "1h", "retries_left": "", "ttl": time.time()}
    )
    assert "undecodable" not in reported()

"""A record says one thing and a worker does another: told as it is, by what RQ's own operations leave behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
import rq
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.registry import StartedJobRegistry

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.errors import NoSuchJob
from job_console.engine.redis import keys
from job_console.engine.service import Console

from ...support.processes import Workers
from ..bench import SHORT, enqueue, expire_lease, status

Wait = Callable[..., object]


@pytest.fixture
def hanging(redis: Redis, workers: Workers, wait_until: Wait) -> tuple[Job, Any]:
    """A job that a worker runs for as long as the test lasts; and the worker."""
    worker = workers.start(SHORT, name="w1")
    job = enqueue(redis, "tests.jobs.hang")
    wait_until(lambda: redis.hget(keys.worker("w1"), "current_job") == job.id.encode())
    wait_until(lambda: status(redis, job.id) == "started")
    return job, worker


def found(console: Console) -> list[tuple[str, str]]:
    console.engine.watch.forget()
    return [(each["code"], each["message"]) for each in console.warnings.all(prove=True)["warnings"]]


def because(console: Console, job: Job) -> list[str]:
    console.engine.watch.forget()
    return list(console.jobs.explain(job.id)["because"])


def test_one_that_rq_canceled_while_it_ran_is_not_put_back_beside_itself(
    redis: Redis, console: Console, hanging: tuple[Job, Any], quick_proof: None
) -> None:
    job, _worker = hanging
    Job.fetch(job.id, connection=redis).cancel()
    assert "Worker w1 runs it at this moment, though its record says canceled" in because(console, job)[0]
    assert not [said for said in because(console, job) if "among the running ones" in said]
    (refused,) = console.actions.run("retry", [job.id])["results"]
    assert (refused["ok"], "still runs it" in refused["reason"]) == (False, True)
    assert status(redis, job.id) == "canceled"
    assert redis.llen(keys.queue(SHORT)) == 0


def test_one_that_was_enqueued_again_while_it_runs_has_not_lost_its_worker(
    redis: Redis, console: Console, hanging: tuple[Job, Any], quick_proof: None
) -> None:
    job, _worker = hanging
    redis.hset(keys.worker("w1"), "last_heartbeat", "2020-01-01T00:00:00.000000Z")  # between two of its beats
    enqueue(redis, "tests.jobs.hang", name=job.id.partition("||")[2])
    ((code, message),) = [each for each in found(console) if each[0] in ("worker_lost", "duplicated")]
    assert code == "duplicated"
    assert "was enqueued again meanwhile: it will run once more" in message
    assert "Worker w1 runs it at this moment" in because(console, job)[0]


def test_one_whose_record_was_deleted_while_it_runs_is_still_run(
    redis: Redis, console: Console, hanging: tuple[Job, Any]
) -> None:
    job, _worker = hanging
    Job.fetch(job.id, connection=redis).delete()
    console.engine.watch.forget()
    with pytest.raises(NoSuchJob, match="its record was deleted, but worker w1 still runs it"):
        console.jobs.explain(job.id)


def test_one_that_ended_well_and_was_called_abandoned_was_not_killed(
    redis: Redis, console: Console, workers: Workers, wait_until: Wait, quick_proof: None
) -> None:
    """RQ leaves it among the running ones, and its maintenance comes by: rq/rq#2424."""
    workers.start(SHORT, name="w1")
    job = enqueue(redis)
    registry = keys.registry("started", SHORT)
    wait_until(lambda: redis.zscore(keys.registry("finished", SHORT), job.id))
    wait_until(lambda: not redis.zcard(registry))
    # As RQ 1 and as RQ 2 name it there.
    member = job.id if rq.VERSION.startswith("1.") else f"{job.id}:{'a' * 32}"
    redis.zadd(registry, {member: time.time() - 100})
    (lane,) = _snapshot(console)["queues"]
    assert (lane["running"], lane["running_left_over"]) == ([], 1)
    StartedJobRegistry(queue=Queue(SHORT, connection=redis)).cleanup()
    wait_until(lambda: status(redis, job.id) == "failed")
    assert [code for code, _message in found(console) if code == "killed"] == []
    reasons = because(console, job)
    assert reasons[0].startswith("Its work ended well")
    assert not [said for said in reasons if "died" in said]


def test_a_run_that_another_worker_took_over_says_so_on_its_row(
    redis: Redis, console: Console, workers: Workers, hanging: tuple[Job, Any], wait_until: Wait, quick_proof: None
) -> None:
    """The first worker stood still for so long that RQ's maintenance put its job back; then it goes on."""
    job, first = hanging
    record: Any = redis.hgetall(keys.worker("w1"))
    os.kill(first.pid, signal.SIGSTOP)
    try:
        expire_lease(redis, job.id)
        redis.hset(keys.job(job.id), mapping={"retries_left": 1, "last_heartbeat": "2020-01-01T00:00:00.000000Z"})
        StartedJobRegistry(queue=Queue(SHORT, connection=redis)).cleanup()
        wait_until(lambda: status(redis, job.id) == "queued")
        workers.start(SHORT, name="w2")
        wait_until(lambda: redis.hget(keys.job(job.id), "worker_name") == b"w2")
        wait_until(lambda: status(redis, job.id) == "started")
        redis.hset(keys.worker("w1"), mapping=record)  # as its next beat writes it
        redis.sadd(keys.WORKERS, keys.worker("w1"))
        assert [message for code, message in found(console) if code == "duplicated"] == [
            "tests.jobs.hang runs twice at once: worker w2 has taken it over, and w1 has not ended."
        ]
        (row,) = console.snapshot()["queues"][0]["running"]
        assert (row["lost"], row["lost_code"], "w1 has not ended" in row["lost_reason"]) == (False, "duplicated", True)
        assert "stop" in row["actions"]
        assert console.jobs.show(job.id)["lost_code"] == "duplicated"
    finally:
        os.kill(first.pid, signal.SIGCONT)


def _snapshot(console: Console) -> dict[str, Any]:
    console.engine.watch.forget()
    return dict(console.snapshot())


def test_lanes_of_one_label_are_told_apart(
    redis: Redis, console: Console, workers: Workers, monkeypatch: pytest.MonkeyPatch, quick_proof: None
) -> None:
    """The bench's folder was moved, and with it the names of its queues."""
    old = enqueue(redis, queue="old-bench:short")
    workers.start(SHORT, name="w1")
    monkeypatch.setattr(diagnosis_limits, "NO_WORKERS_WAIT_S", 0.0)
    (message,) = [said for code, said in found(console) if code == "no_workers"]
    assert message.startswith("No worker serves old-bench:short: 1 job waiting")
    assert because(console, old)[0] == f"No worker serves old-bench:short. The bench has 1 worker, for {SHORT}."

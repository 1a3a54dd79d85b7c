"""Work that is put back when its worker died: at once the first time, then as any other retry."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.registry import StartedJobRegistry

from job_console.engine.models.policies import Backoff
from job_console.engine.redis import keys
from job_console.engine.retries import circuit, store
from job_console.engine.retries import limits as retries_limits
from job_console.engine.service import Console, Engine
from job_console.engine.watch import limits as watch_limits
from job_console.engine.watch import retry_duty

from ...support.processes import Workers
from ..bench import LONG, SHORT, expire_lease, places, status
from .test_retries import METHOD, SITE, enqueue, often, publish, swept

__all__ = ["often"]
Wait = Callable[..., object]
Dies = Callable[[Job], None]
CIRCUIT = circuit.name(SITE, f"{METHOD}die_at_first")


@pytest.fixture
def worker_dies(redis: Redis, workers: Workers, wait_until: Wait, quick_proof: None) -> Dies:
    """A worker takes the job, dies with it, and is missed."""

    def die(job: Job) -> None:
        worker = workers.start(SHORT)
        wait_until(lambda: worker.poll() is not None)
        expire_lease(redis, job.id)

    return die


def held(redis: Redis) -> int:
    return circuit.read(redis.hgetall(keys.CIRCUITS))[CIRCUIT].held


def test_the_second_time_it_waits(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Wait, worker_dies: Dies
) -> None:
    publish(redis, "die_at_first", lost="requeue", backoff=Backoff((3600,), jitter=0))
    job = enqueue(redis, "die_at_first", times=2, worker=True)
    worker_dies(job)
    wait_until(swept(engine, lambda: status(redis, job.id) == "queued"))
    assert not redis.exists(keys.RETRIES), "it waits for nothing"
    worker_dies(job)
    wait_until(swept(engine, lambda: status(redis, job.id) != "started"))
    swept(engine, lambda: None)()
    assert places(redis, job.id) == [f"failed {SHORT}"]
    engine.watch.forget()
    reported = console.jobs.show(job.id)["tries"]
    assert (reported["failed"], reported["then"], [each["lost"] for each in reported["history"]]) == (
        2,
        "again",
        [True, True],
    )
    assert redis.zscore(keys.RETRIES, job.id) > datetime.now(timezone.utc).timestamp() + 1800
    redis.zadd(keys.RETRIES, {job.id: 1})
    workers.start(SHORT)
    wait_until(swept(engine, lambda: status(redis, job.id) == "finished"))


def test_a_run_that_nobody_judged_is_not_put_back_for_the_one_before(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Wait, worker_dies: Dies
) -> None:
    """Somebody ran it again by RQ's own means while it waited, and that run was lost, too."""
    publish(redis, "die_at_first", lost="requeue", backoff=Backoff((3600,), jitter=0))
    job = enqueue(redis, "die_at_first", times=3, worker=True)
    for state in ("queued", "failed"):
        worker_dies(job)
        wait_until(swept(engine, lambda state=state: status(redis, job.id) == state))
    wait_until(swept(engine, lambda: redis.zscore(keys.RETRIES, job.id)))
    Job.fetch(job.id, connection=redis).requeue()
    worker_dies(job)
    StartedJobRegistry(SHORT, connection=redis).cleanup()
    assert places(redis, job.id) == [f"failed {SHORT}"]
    redis.zadd(keys.RETRIES, {job.id: 1})
    assert store.move_due(redis, datetime.now(timezone.utc), 20) == 1
    assert places(redis, job.id) == [f"failed {SHORT}"]
    assert not redis.exists(keys.RETRIES)


@pytest.mark.parametrize("lost", ["requeue", "fail", "ask"])
def test_what_was_taken_and_never_begun(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Wait, quick_proof: None, lost: str
) -> None:
    """Its worker died between pop and start (frappe#31325). It did nothing yet, so there is nothing to fail for."""
    publish(redis, "die_at_first", lost=lost)
    job = enqueue(redis, "die_at_first", times=0)
    Queue.dequeue_any([Queue(LONG, connection=redis), Queue(SHORT, connection=redis)], None, connection=redis)
    assert places(redis, job.id) == []
    if lost != "requeue":
        for _ in range(5):
            swept(engine, lambda: None)()
        assert (places(redis, job.id), status(redis, job.id)) == ([], "queued")
        return
    wait_until(swept(engine, lambda: places(redis, job.id) == [f"queued {SHORT}"]))
    assert console.actions.audit()["entries"][0]["actor"] == "policy die_at_first"
    assert not redis.exists(keys.tries(job.id)), "it was no trial"
    workers.start(SHORT)
    wait_until(swept(engine, lambda: status(redis, job.id) == "finished"))


def test_an_open_circuit_keeps_it_waiting(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Wait, worker_dies: Dies
) -> None:
    publish(redis, "die_at_first", lost="requeue")
    for number in range(retries_limits.CRASH_LOOP_RUNS):
        circuit.failed(redis, CIRCUIT, f"other {number}", SHORT, "it died", datetime.now(timezone.utc))
    job = enqueue(redis, "die_at_first", times=1, worker=True)
    worker_dies(job)
    wait_until(swept(engine, lambda: status(redis, job.id) != "started"))
    swept(engine, lambda: None)()
    assert places(redis, job.id) == [f"failed {SHORT}"]
    assert held(redis) == 1
    (outcome,) = console.actions.run("close_circuit", [job.id])["results"]
    assert outcome["ok"], outcome
    workers.start(SHORT)
    wait_until(swept(engine, lambda: status(redis, job.id) == "finished"))


@pytest.fixture
def opened(redis: Redis, engine: Engine, workers: Workers, wait_until: Wait) -> list[Job]:
    """Five jobs of a method with one attempt were killed, and wait to be put back."""
    publish(redis, "die_at_first", lost="requeue")
    jobs = [enqueue(redis, "die_at_first", times=1) for _ in range(retries_limits.CRASH_LOOP_RUNS)]
    workers.start(SHORT, burst=True).wait()
    wait_until(lambda: all(status(redis, job.id) == "failed" for job in jobs))
    wait_until(swept(engine, lambda: redis.hexists(keys.CIRCUITS, CIRCUIT) and held(redis) == len(jobs)))
    return jobs


def test_one_that_ends_well_closes_what_killed_work_opened(
    redis: Redis, engine: Engine, opened: list[Job], workers: Workers, wait_until: Wait
) -> None:
    new = enqueue(redis, "die_at_first", times=0)
    workers.start(SHORT)
    wait_until(lambda: status(redis, new.id) == "finished")
    wait_until(swept(engine, lambda: all(status(redis, job.id) == "finished" for job in opened)))
    assert not redis.exists(keys.CIRCUITS)


def test_its_trial_closes_it_though_the_policy_is_gone(
    redis: Redis, engine: Engine, opened: list[Job], workers: Workers, wait_until: Wait
) -> None:
    publish(redis, "another")
    known = json.loads(redis.hget(keys.CIRCUITS, CIRCUIT))
    redis.hset(keys.CIRCUITS, CIRCUIT, json.dumps({**known, "trial_at": 1}))
    redis.zadd(keys.RETRIES, {opened[0].id: 1})
    store.move_due(redis, datetime.now(timezone.utc), 1)
    workers.start(SHORT)
    wait_until(lambda: not redis.exists(keys.CIRCUITS))


def test_one_that_somebody_retries_does_not_wait_any_more(redis: Redis, opened: list[Job], console: Console) -> None:
    (outcome,) = console.actions.run("retry", [opened[0].id])["results"]
    assert outcome["ok"], outcome
    assert held(redis) == len(opened) - 1


def test_failures_are_seen_behind_many_that_are_kept_for_longer(redis: Redis, engine: Engine) -> None:
    """RQ orders them by when they expire: a day's failures stand behind a year's, whichever came last."""
    now = datetime(2026, 11, 30, tzinfo=timezone.utc)
    many = 2 * watch_limits.FAILED_UNSEEN_ROWS
    turns = -(-(many + 2) // watch_limits.FAILED_UNSEEN_ROWS)
    now = datetime.fromtimestamp(now.timestamp() // (turns * 60) * turns * 60, timezone.utc)  # the first one's turn
    registry = keys.registry("failed", SHORT)
    redis.zadd(registry, {f"year{n}": now.timestamp() + 365 * 86_400 - 3_600 - n for n in range(many)})
    redis.zadd(registry, {"old": now.timestamp() + 60, "fresh": now.timestamp() + 7 * 86_400 - 5})
    for n in range(2 * watch_limits.FAILED_UNSEEN_NEWEST):
        redis.zadd(registry, {f"before{n}": now.timestamp() + 6 * 86_400 - n})
    seen = retry_duty._failed_ids(engine, SHORT, redis.zcard(registry), now)
    assert "fresh" in seen
    assert len(seen) < many, "bounded"

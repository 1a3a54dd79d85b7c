"""Retries by policy with real workers: same job, later, never two at once, never more often than allowed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis
from rq.job import Job

from job_console.engine.models.bench import Bench, FailedRun
from job_console.engine.models.policies import Alerts, Backoff, Policy
from job_console.engine.models.policy_match import PolicySet
from job_console.engine.policies import store as policy_store
from job_console.engine.redis import keys
from job_console.engine.retries import limits as retries_limits
from job_console.engine.retries import store
from job_console.engine.service import Console, Engine
from job_console.engine.watch import alerts
from job_console.engine.watch.retry_duty import retry
from job_console.engine.watch.sweep import Duty
from tests.jobs import wrapped

from ...support.processes import Workers
from ...support.sizes import sized
from .. import bench
from ..bench import SHORT, places, status
from . import work

SITE = "a.localhost"
METHOD = f"{work.__name__}."


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The duty is done whenever somebody sweeps."""
    monkeypatch.setattr("job_console.engine.service.engine.DUTIES", (Duty("retry", retry, every_s=0.001),))
    monkeypatch.setattr(retries_limits, "RETRY_AGAIN_S", 0.1)


def publish(redis: Redis, name: str, **said: Any) -> Policy:
    policy = Policy(name, "method", METHOD + name, **{"backoff": Backoff((0.2,), jitter=0), **said})
    policy_store.publish(redis, SITE, [policy], policy_store.take_ticket(redis))
    return policy


def enqueue(redis: Redis, name: str, job_id: str | None = None, **kwargs: Any) -> Job:
    from rq import Queue

    lane = Queue(SHORT, connection=redis)
    call = wrapped(METHOD + name, site=SITE, user="sam@example.com", **kwargs)
    return lane.enqueue_call(work.HOOKED, kwargs=call, timeout=60, result_ttl=600, failure_ttl=604_800, job_id=job_id)


def swept(engine: Engine, done: Callable[[], object]) -> Callable[[], object]:
    def look() -> object:
        engine.watch.forget()
        engine.sweep()
        return done()

    return look


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "does not fork"])
def test_a_job_that_fails_comes_again_as_the_same_job(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object], fork: bool
) -> None:
    publish(redis, "fail_at_first", attempts=3)
    job = enqueue(redis, "fail_at_first", times=2)
    before = redis.hgetall(keys.job(job.id))
    workers.start(SHORT, fork=fork)
    wait_until(swept(engine, lambda: status(redis, job.id) == "finished"))
    after = redis.hgetall(keys.job(job.id))
    kept = (b"data", b"timeout", b"origin", b"created_at", b"result_ttl", b"failure_ttl")
    assert [before[field] for field in kept] == [after[field] for field in kept]
    assert redis.hget(work.RUNS, job.id) == b"3"
    shown = console.jobs.show(job.id)
    assert (shown["attempt"], shown["tries"]["failed"], shown["tries"]["of"]) == (3, 2, 3)
    assert [each["message"] for each in shown["tries"]["history"]] == ["not this time"] * 2
    assert redis.zcard(keys.RETRIES) == 0


def test_while_it_waits_it_says_for_what_and_until_when(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    publish(redis, "fail_at_first", attempts=3, backoff=Backoff((3600,), jitter=0))
    job = enqueue(redis, "fail_at_first", times=2)
    workers.start(SHORT)
    wait_until(lambda: places(redis, job.id) == [f"scheduled {SHORT}"])
    engine.watch.forget()
    shown = console.jobs.show(job.id)
    assert (shown["status"], shown["attempt"], shown["tries"]["then"]) == ("scheduled", 2, "again")
    assert shown["tries"]["next_at"]
    assert shown["due_at"]
    reported = console.jobs.explain(job.id)
    assert reported["because"][0] == "Attempt 1 of 3 failed: ValueError: not this time. The next one is due in 60 min."
    assert reported["expected_start_s"] is not None
    redis.zadd(keys.RETRIES, {job.id: 1})
    assert store.move_due(redis, datetime.now(timezone.utc), 10) == 1
    wait_until(lambda: redis.hget(work.RUNS, job.id) == b"2")


def test_out_of_attempts_it_is_a_dead_letter_until_somebody_retries_it(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    publish(redis, "fail_at_first", attempts=2)
    job = enqueue(redis, "fail_at_first", times=3)
    workers.start(SHORT)
    wait_until(swept(engine, lambda: status(redis, job.id) == "failed"))
    shown = console.jobs.show(job.id)
    assert (shown["attempt"], shown["tries"]["then"]) == (2, "gave_up")
    assert shown["tries"]["why"] == "all 2 attempts have failed"
    assert redis.zrange(keys.dead(SHORT), 0, -1) == [job.id.encode()]
    engine.watch.forget()
    assert [each["id"] for each in console.jobs.page(status="dead")["jobs"]] == [job.id]
    (outcome,) = console.actions.run("retry", [job.id])["results"]
    assert outcome["ok"]
    wait_until(swept(engine, lambda: status(redis, job.id) == "finished"))
    assert redis.hget(work.RUNS, job.id) == b"4"
    assert redis.zcard(keys.dead(SHORT)) == 0
    assert len(console.jobs.show(job.id)["tries"]["history"]) == 3


def test_whom_it_concerns_is_not_notified_that_it_is_given_up_when_it_is_back_already(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Callable[..., object]
) -> None:
    policy = publish(redis, "fail_at_first", attempts=2, alerts=Alerts(("ops@example.com",), ("gave_up",)))
    job = enqueue(redis, "fail_at_first", times=1)
    workers.start(SHORT, burst=True).wait(60)
    (failed,) = engine.reader.read([job.id])
    assert failed.tries is not None
    what = FailedRun(failed.call.method, job.id, datetime.now(timezone.utc), "ValueError", queue=SHORT, site=SITE)
    look = Bench(what.at, (), ())

    def reported() -> list[str]:
        return [each.on for each in alerts.due(PolicySet([policy]), [what], engine.reader.read([job.id]), (), look)]

    assert reported() == [], "it waits"
    redis.zadd(keys.RETRIES, {job.id: 1})
    store.move_due(redis, datetime.now(timezone.utc), 10)
    assert places(redis, job.id) == [f"queued {SHORT}"]
    assert reported() == [], "it is back in its lane"
    workers.start(SHORT)
    wait_until(lambda: status(redis, job.id) == "finished")
    assert reported() == [], "it has run again"


def test_what_the_policy_does_not_retry_is_given_up_at_once(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    publish(redis, "fail_at_first", attempts=5, retry_on=("OSError",))
    known, other = (enqueue(redis, "fail_at_first", kind=kind) for kind in ("ConnectionError", "ValueError"))
    workers.start(SHORT)
    wait_until(swept(engine, lambda: status(redis, known.id) == "finished" and status(redis, other.id) == "failed"))
    assert redis.hget(work.RUNS, other.id) == b"1"
    assert console.jobs.show(other.id)["tries"]["why"] == "its policy does not try again after ValueError"


@pytest.mark.parametrize("lost", ["requeue", "fail", "ask"])
def test_what_a_killed_process_left_follows_the_policy(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object], lost: str
) -> None:
    publish(redis, "die_at_first", lost=lost)
    job = enqueue(redis, "die_at_first", times=2)
    workers.start(SHORT)
    expected = {"requeue": (b"3", "finished"), "fail": (b"1", "failed"), "ask": (b"1", "failed")}[lost]
    wait_until(swept(engine, lambda: (redis.hget(work.RUNS, job.id), status(redis, job.id)) == expected))
    wait_until(swept(engine, lambda: console.jobs.show(job.id)["tries"]))
    said = console.jobs.show(job.id)["tries"]
    assert said["then"] == {"requeue": "again", "fail": "gave_up", "ask": "asks"}[lost]
    assert said["history"][0]["lost"]


def test_what_kills_every_process_is_given_up(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    publish(redis, "die_at_first", lost="requeue")
    job = enqueue(redis, "die_at_first", times=100)
    workers.start(SHORT)
    wait_until(swept(engine, lambda: redis.zscore(keys.dead(SHORT), job.id)))
    assert redis.hget(work.RUNS, job.id) == str(1 + retries_limits.LOST_REQUEUES).encode()


@pytest.mark.parametrize("lost", ["requeue", "fail"])
def test_what_a_dead_worker_left_running_follows_the_policy(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object],
    quick_proof: None, lost: str,
) -> None:  # fmt: skip
    publish(redis, "die_at_first", lost=lost)
    job = enqueue(redis, "die_at_first", times=1, worker=True)
    worker = workers.start(SHORT)
    wait_until(lambda: worker.poll() is not None)
    redis.delete(keys.worker(worker.worker_name))  # type: ignore[attr-defined]
    bench.expire_lease(redis, job.id)
    left = {"requeue": "queued", "fail": "failed"}[lost]
    wait_until(swept(engine, lambda: status(redis, job.id) == left))
    workers.start(SHORT)
    expected = {"requeue": (b"2", "finished"), "fail": (b"1", "failed")}[lost]
    wait_until(swept(engine, lambda: (redis.hget(work.RUNS, job.id), status(redis, job.id)) == expected))
    assert console.actions.audit()["entries"][0]["actor"] == "policy die_at_first"


def test_the_applications_own_retries_become_due_too(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Callable[..., object]
) -> None:
    from rq import Queue, Retry

    call = wrapped(METHOD + "fail_at_first", site=SITE, times=1)
    lane = Queue(SHORT, connection=redis)
    job = lane.enqueue_call(work.HOOKED, kwargs=call, retry=Retry(max=1, interval=600))
    workers.start(SHORT)
    wait_until(lambda: places(redis, job.id) == [f"scheduled {SHORT}"])
    reported = console.jobs.explain(job.id)
    assert reported["because"][0].startswith(
        "It failed and is to be tried again, as its application asked RQ. The next "
    )
    assert reported["expected_start_s"] is not None
    an_hour_ago = datetime.now(timezone.utc).timestamp() - 3600
    redis.zadd(f"rq:scheduled:{SHORT}", {job.id: an_hour_ago})
    engine.watch.forget()
    assert "will not" not in " ".join(console.jobs.explain(job.id)["because"]), "we bring it back"
    redis.zadd(keys.RETRIES, {job.id: an_hour_ago})
    wait_until(swept(engine, lambda: status(redis, job.id) == "finished"))


def test_so_do_those_of_a_run_that_was_killed(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Callable[..., object]
) -> None:
    """No hook has noted it: RQ's worker puts it among the scheduled ones, and where no scheduler of RQ runs, a sweep
    finds it there."""
    from rq import Queue, Retry

    call = wrapped(METHOD + "die_at_first", site=SITE, times=1)
    job = Queue(SHORT, connection=redis).enqueue_call(work.HOOKED, kwargs=call, retry=Retry(max=1, interval=600))
    workers.start(SHORT)
    wait_until(lambda: places(redis, job.id) == [f"scheduled {SHORT}"])
    engine.watch.forget()
    engine.sweep()
    assert places(redis, job.id) == [f"scheduled {SHORT}"], "not before it is due"
    redis.zadd(keys.registry("scheduled", SHORT), {job.id: datetime.now(timezone.utc).timestamp() - 1})
    wait_until(swept(engine, lambda: status(redis, job.id) == "finished"))


def test_a_job_that_somebody_deleted_or_canceled_does_not_come_back(redis: Redis, console: Console) -> None:
    now = datetime.now(timezone.utc)
    for name in ("deleted", "canceled"):
        job = enqueue(redis, "fail_at_first", job_id=name)
        redis.zadd(keys.RETRIES, {job.id: 1})
    console.actions.run("cancel", ["canceled"])
    console.actions.run("delete", ["deleted"])
    store.move_due(redis, now + timedelta(days=1), 10)
    assert redis.zcard(keys.RETRIES) == 0
    assert status(redis, "canceled") == "canceled"
    assert redis.llen(keys.queue(SHORT)) == 0


def test_thousands_of_jobs_with_failures_and_kills_all_end_where_they_should(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Callable[..., object]
) -> None:
    """A fifth of all runs fail; processes and workers are killed at random; workers are started again."""
    jobs, attempts = sized(80, 2_000), 4
    publish(redis, "dice", attempts=attempts, lost="requeue", backoff=Backoff((0.05,), jitter=0.5))
    ids = [enqueue(redis, "dice", share=0.2, kills=0.02).id for _ in range(jobs)]
    crew = [workers.start(SHORT) for _ in range(2)]

    def all_ended() -> bool:
        for place, worker in enumerate(crew):
            if worker.poll() is not None:
                crew[place] = workers.start(SHORT)
        done, dead = redis.hlen(work.DONE), redis.zcard(keys.dead(SHORT))
        if jobs // 3 < done < jobs // 3 + 30 and all_ended.killed < 2:  # type: ignore[attr-defined]
            all_ended.killed += 1  # type: ignore[attr-defined]
            os.kill(crew[0].pid, signal.SIGTERM)
        return done + dead == jobs

    all_ended.killed = 0  # type: ignore[attr-defined]
    wait_until(swept(engine, all_ended), timeout=max(600, jobs / 4))
    runs = {job_id.decode(): int(count) for job_id, count in redis.hgetall(work.RUNS).items()}
    dead = {job_id.decode() for job_id in redis.zrange(keys.dead(SHORT), 0, -1)}
    done = {job_id.decode(): int(count) for job_id, count in redis.hgetall(work.DONE).items()}
    assert set(done.values()) == {1}, "none did its work twice"
    wait_until(lambda: {status(redis, job_id) for job_id in dead} <= {"failed"})  # its own run says so before RQ does
    wait_until(lambda: {status(redis, job_id) for job_id in done} <= {"finished", None})  # RQ forgets these in time
    assert sorted([*done, *dead]) == sorted(ids), "each ended, in one place"
    assert max(runs.values()) <= attempts
    assert all(runs[job_id] == attempts for job_id in dead)
    assert redis.get("test:two_at_once") is None
    assert redis.zcard(keys.RETRIES) == 0

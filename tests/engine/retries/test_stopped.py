"""What somebody stopped is not tried again, whichever way it ended and whatever its policy does with other failures."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis
from rq import Callback, Queue, Retry
from rq.job import Job

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.models.retries import Tries
from job_console.engine.progress import flags
from job_console.engine.redis import keys
from job_console.engine.retries import circuit
from job_console.engine.retries.models import AGAIN, stamp, to_json
from job_console.engine.service import Console, Engine
from tests.jobs import wrapped

from ...support.processes import Workers
from ..bench import SHORT, expire_lease, places, status
from . import work
from .test_retries import METHOD, SITE, enqueue, often, publish, swept

__all__ = ["often"]
Wait = Callable[..., object]


@pytest.fixture
def running(redis: Redis, workers: Workers, wait_until: Wait) -> Callable[..., tuple[Job, Any]]:
    """running("until_stopped"): a job that runs, and its worker. Its policy tries it again after anything."""

    def begin(name: str, fork: bool = True) -> tuple[Job, Any]:
        publish(redis, name, attempts=3, lost="requeue")
        job = enqueue(redis, name)
        worker = workers.start(SHORT, fork=fork)
        wait_until(lambda: redis.hget(work.RUNS, job.id) == b"1")
        return job, worker

    return begin


def assert_left_alone(redis: Redis, engine: Engine, job: Job) -> None:
    for _ in range(3):
        swept(engine, lambda: None)()
    assert places(redis, job.id) == [f"failed {SHORT}"]
    assert redis.hget(work.RUNS, job.id) == b"1"
    assert not redis.exists(keys.tries(job.id))
    assert not redis.exists(keys.RETRIES)
    assert not redis.exists(keys.circuit_failed(circuit.name(SITE, f"{METHOD}until_stopped")))


@pytest.mark.parametrize("name", ["until_stopped", "fails_when_stopped"])
def test_stopped_gently(
    redis: Redis, engine: Engine, console: Console, wait_until: Wait, running: Any, name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(jobs_limits, "RUNG_WAIT_S", 30.0)
    job, _worker = running(name)
    (result,) = console.actions.run("stop_gently", [job.id])["results"]
    ended = "stopped" if name == "until_stopped" else "failed"
    assert (result["ok"], result["state_after"]) == (True, ended), result
    wait_until(lambda: places(redis, job.id) == [f"failed {SHORT}"])
    assert_left_alone(redis, engine, job)


def test_nobody_says_that_it_comes_again(redis: Redis, console: Console, running: Any, wait_until: Wait) -> None:
    """As was said of the attempt before."""
    job, _worker = running("until_stopped")
    first = datetime.now(timezone.utc) - timedelta(minutes=1)
    before = Tries(stamp(job.created_at), stamp(first), failed=1, of=3, then=AGAIN, next_at=first)
    redis.set(keys.tries(job.id), to_json(before))
    console.actions.run("stop_gently", [job.id])
    wait_until(lambda: places(redis, job.id) == [f"failed {SHORT}"])
    console.engine.watch.forget()
    assert "tried again" not in " ".join(console.jobs.explain(job.id)["because"])
    assert console.jobs.show(job.id)["tries"]["next_at"] is None


@pytest.mark.parametrize("fork", [True, False])
def test_it_has_not_failed(redis: Redis, console: Console, running: Any, wait_until: Wait, fork: bool) -> None:
    """As what RQ's own command has stopped: it is stopped, stands among the failed ones, and can be retried."""
    job, _worker = running("until_stopped", fork=fork)
    console.actions.run("stop_gently", [job.id], reason="a mistake")
    wait_until(lambda: places(redis, job.id) == [f"failed {SHORT}"])
    console.engine.watch.forget()
    assert console.jobs.show(job.id)["status"] == "stopped"
    assert console.jobs.explain(job.id)["because"][0].startswith("It was stopped by tester@here")
    assert console.actions.run("retry", [job.id], reason="after all")["results"][0]["ok"]


def test_who_has_a_callback_for_it_is_called(
    redis: Redis, workers: Workers, console: Console, wait_until: Wait
) -> None:
    call = wrapped(METHOD + "until_stopped", site=SITE)
    options = {"on_failure": Callback(work.failed), "on_stopped": Callback(work.stopped)}
    job = Queue(SHORT, connection=redis).enqueue_call(work.HOOKED, kwargs=call, **options)
    workers.start(SHORT)
    wait_until(lambda: redis.hget(work.RUNS, job.id) == b"1")
    console.actions.run("stop_gently", [job.id])
    wait_until(lambda: redis.smembers(work.CALLED) == {b"stopped"})


def test_its_error_is_enough(redis: Redis, engine: Engine, console: Console, running: Any) -> None:
    """What was asked is forgotten after a while."""
    job, _worker = running("until_stopped")
    console.actions.run("stop_gently", [job.id])
    redis.delete(keys.asked(job.id))
    assert_left_alone(redis, engine, job)


def test_killed_on_the_last_rung(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Wait, running: Any
) -> None:
    job, worker = running("deaf")
    flags.ask(redis, job.id, flags.KILL, "sam@example.com")
    (horse,) = workers.horses(worker)
    os.kill(horse, signal.SIGKILL)
    wait_until(lambda: places(redis, job.id) == [f"failed {SHORT}"])
    assert_left_alone(redis, engine, job)


def test_killed_with_its_worker(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Wait, running: Any, quick_proof: None
) -> None:
    job, worker = running("deaf")
    flags.ask(redis, job.id, flags.KILL, "sam@example.com")
    for pid in (worker.pid, *workers.horses(worker)):
        os.kill(pid, signal.SIGKILL)
    worker.wait()
    expire_lease(redis, job.id)
    wait_until(swept(engine, lambda: status(redis, job.id) != "started"))
    assert_left_alone(redis, engine, job)
    assert console.actions.audit()["entries"][0]["action"] == "fail"


def test_stopped_at_once_where_the_worker_ends_with_it(
    redis: Redis, engine: Engine, console: Console, wait_until: Wait, running: Any, quick_proof: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(jobs_limits, "STOP_WAIT_S", 0.1)
    job, worker = running("deaf", fork=False)
    console.actions.run("stop", [job.id])
    worker.kill()  # as it does itself, in most versions of RQ
    worker.wait()
    expire_lease(redis, job.id)
    wait_until(swept(engine, lambda: status(redis, job.id) != "started"))
    assert_left_alone(redis, engine, job)


def test_neither_by_retries_that_it_asked_rq_for(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Wait
) -> None:
    call = wrapped(METHOD + "until_stopped", site=SITE)
    job = Queue(SHORT, connection=redis).enqueue_call(work.HOOKED, kwargs=call, retry=Retry(max=2))
    workers.start(SHORT)
    wait_until(lambda: redis.hget(work.RUNS, job.id) == b"1")
    console.actions.run("stop_gently", [job.id])
    assert_left_alone(redis, engine, job)


def test_what_was_asked_to_pause_and_is_killed_comes_again(
    redis: Redis, engine: Engine, workers: Workers, wait_until: Wait, running: Any
) -> None:
    job, worker = running("deaf")
    flags.ask(redis, job.id, flags.PAUSE, "sam@example.com")
    (horse,) = workers.horses(worker)
    os.kill(horse, signal.SIGKILL)
    wait_until(swept(engine, lambda: redis.hget(work.RUNS, job.id) == b"2"))


def test_a_retry_by_hand_begins_without_what_was_asked(
    redis: Redis, engine: Engine, console: Console, workers: Workers, wait_until: Wait, running: Any
) -> None:
    job, worker = running("deaf")
    flags.ask(redis, job.id, flags.KILL, "sam@example.com")
    os.kill(*workers.horses(worker), signal.SIGKILL)
    wait_until(lambda: places(redis, job.id) == [f"failed {SHORT}"])
    (result,) = console.actions.run("retry", [job.id])["results"]
    assert result["ok"], result
    wait_until(lambda: redis.hget(work.RUNS, job.id) == b"2")
    os.kill(*workers.horses(worker), signal.SIGKILL)
    wait_until(swept(engine, lambda: redis.hget(work.RUNS, job.id) == b"3"))

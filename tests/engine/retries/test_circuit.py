"""A method that fails every time: its retries wait, one is tried now and then, and the first well one frees all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from redis import Redis
from rq.job import Job

from job_console.engine.models.policies import Backoff
from job_console.engine.redis import keys
from job_console.engine.retries import circuit, store
from job_console.engine.retries import limits as retries_limits
from job_console.engine.service import Console, Engine, Viewer

from ...support.processes import Workers
from ..bench import places, status
from . import work
from .test_retries import METHOD, SITE, enqueue, publish

DOWN = f"{SITE}:{METHOD}while_down"
Wait = Callable[..., object]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries_limits, "RETRY_AGAIN_S", 0.1)


def move(redis: Redis) -> None:
    store.move_due(redis, datetime.now(timezone.utc), 100)


def runs(redis: Redis) -> int:
    return sum(map(int, redis.hvals(work.RUNS)))


@pytest.fixture
def opened(redis: Redis, workers: Workers, wait_until: Wait) -> list[Job]:
    """Five jobs have failed, and each wants to come again at once."""
    redis.set(work.DOWN, 1)
    publish(redis, "while_down", attempts=9, backoff=Backoff((0.01,), jitter=0))
    jobs = [enqueue(redis, "while_down") for _ in range(retries_limits.CRASH_LOOP_RUNS)]
    workers.start("bench:short", burst=True).wait()
    wait_until(lambda: circuit.read(redis.hgetall(keys.CIRCUITS)))
    wait_until(lambda: all(status(redis, job.id) == "scheduled" for job in jobs))
    return jobs


def held(redis: Redis) -> int:
    return circuit.read(redis.hgetall(keys.CIRCUITS))[DOWN].held


def test_retries_are_held_while_it_is_open(
    redis: Redis, opened: list[Job], engine: Engine, console: Console, workers: Workers, wait_until: Wait
) -> None:
    def all_held() -> bool:
        move(redis)
        return held(redis) + runs(redis) >= 2 * len(opened)

    before = runs(redis)
    workers.start("bench:short")
    wait_until(all_held)
    for _ in range(20):
        move(redis)
    assert runs(redis) == before
    engine.watch.forget()
    (warning,) = [each for each in console.warnings.all()["warnings"] if each["code"] == "crash_loop"]
    assert warning["remedies"][0]["action"] == "close_circuit"
    assert "circuit is open" in warning["message"]
    waits = next(job for job in opened if status(redis, job.id) == "scheduled")
    reported = console.jobs.explain(waits.id)
    assert "its circuit is open" in reported["because"][0]
    assert engine.console(Viewer("b@here", "b.localhost")).warnings.all()["warnings"] == []


def test_a_trial_that_ends_well_lets_all_go(
    redis: Redis, opened: list[Job], workers: Workers, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(redis)
    redis.delete(work.DOWN)
    workers.start("bench:short")
    _trial_is_due(redis)

    def done() -> bool:
        move(redis)
        return bool(redis.hlen(work.DONE) == len(opened))

    wait_until(done)
    assert not redis.exists(keys.CIRCUITS)
    assert not redis.exists(keys.circuit_held(DOWN))


def test_a_trial_that_fails_is_one_run(redis: Redis, opened: list[Job], workers: Workers, wait_until: Wait) -> None:
    before = runs(redis)
    _trial_is_due(redis)
    move(redis)
    workers.start("bench:short")
    wait_until(lambda: runs(redis) == before + 1)
    for _ in range(20):
        move(redis)
    wait_until(lambda: not redis.llen(keys.queue("bench:short")))
    assert runs(redis) == before + 1
    assert redis.hexists(keys.CIRCUITS, DOWN)


def test_somebody_closes_it_in_one_click(
    redis: Redis, opened: list[Job], console: Console, workers: Workers, wait_until: Wait
) -> None:
    move(redis)
    redis.delete(work.DOWN)
    (outcome,) = console.actions.run("close_circuit", [opened[0].id])["results"]
    assert outcome["ok"]
    entry = console.actions.audit()["entries"][0]
    assert (entry["action"], entry["actor"], entry["job_id"]) == ("close_circuit", "tester@here", opened[0].id)
    (outcome,) = console.actions.run("close_circuit", [opened[0].id])["results"]
    assert "not open" in outcome["reason"]
    workers.start("bench:short")

    def done() -> bool:
        move(redis)
        return bool(redis.hlen(work.DONE) == len(opened))

    wait_until(done)


def test_mend_leaves_it_to_somebody(redis: Redis, opened: list[Job], console: Console) -> None:
    mended: dict[str, Any] = console.warnings.mend(dry_run=True)
    assert mended["results"] == []


def test_one_job_that_fails_again_and_again_opens_nothing(redis: Redis, workers: Workers, wait_until: Wait) -> None:
    publish(redis, "while_down", attempts=7, backoff=Backoff((0.01,), jitter=0))
    redis.set(work.DOWN, 1)
    job = enqueue(redis, "while_down")
    workers.start("bench:short")

    def given_up() -> bool:
        move(redis)
        return places(redis, job.id) == ["failed bench:short"]

    wait_until(given_up)
    assert redis.hget(work.RUNS, job.id) == b"7"
    assert not redis.exists(keys.CIRCUITS)


def test_what_its_policy_never_retries_opens_nothing(redis: Redis, workers: Workers, wait_until: Wait) -> None:
    publish(redis, "while_down", attempts=3, never_on=("ConnectionError",))
    redis.set(work.DOWN, 1)
    jobs = [enqueue(redis, "while_down") for _ in range(retries_limits.CRASH_LOOP_RUNS + 1)]
    workers.start("bench:short")
    wait_until(lambda: all(status(redis, job.id) == "failed" for job in jobs))
    assert not redis.exists(keys.CIRCUITS)


@pytest.fixture
def waiting(redis: Redis, opened: list[Job], wait_until: Wait) -> list[Job]:
    """All of them wait for the circuit."""

    def all_held() -> bool:
        move(redis)
        return held(redis) == len(opened)

    wait_until(all_held)
    return opened


@pytest.mark.parametrize("action", ["cancel", "delete"])
def test_what_somebody_took_away_does_not_wait_any_more(
    redis: Redis, waiting: list[Job], console: Console, action: str
) -> None:
    (outcome,) = console.actions.run(action, [waiting[0].id])["results"]
    assert outcome["ok"], outcome
    assert held(redis) == len(waiting) - 1
    assert redis.zscore(keys.RETRIES, waiting[0].id) is None


def test_what_others_took_away_uses_up_no_trial(redis: Redis, waiting: list[Job]) -> None:
    canceled, deleted, *left = waiting
    canceled.cancel()
    deleted.delete()
    _trial_is_due(redis)
    redis.zadd(keys.RETRIES, {canceled.id: 0, deleted.id: 0})
    move(redis)
    (trial,) = redis.lrange(keys.queue("bench:short"), 0, -1)
    assert trial.decode() in {job.id for job in left}
    assert held(redis) == len(left) - 1
    assert redis.zcard(keys.RETRIES) == len(left) - 1


def test_what_has_just_failed_uses_up_no_trial(redis: Redis, waiting: list[Job]) -> None:
    """RQ has not put it away yet."""
    on_its_way, *others = waiting
    redis.hset(keys.job(on_its_way.id), "status", "started")
    redis.zrem(keys.registry("scheduled", "bench:short"), on_its_way.id)
    _trial_is_due(redis)
    redis.zadd(keys.RETRIES, {on_its_way.id: 0})
    move(redis)
    (trial,) = redis.lrange(keys.queue("bench:short"), 0, -1)
    assert trial.decode() in {job.id for job in others}
    assert redis.zscore(keys.RETRIES, on_its_way.id) is not None


def _trial_is_due(redis: Redis) -> None:
    """A minute later."""
    import json

    known = json.loads(redis.hget(keys.CIRCUITS, DOWN))
    redis.hset(keys.CIRCUITS, DOWN, json.dumps({**known, "trial_at": 1}))
    for job_id in redis.zrange(keys.RETRIES, 0, -1):
        redis.zadd(keys.RETRIES, {job_id: 1})

"""Whose turn it is, step by step, and what counts together."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest
from redis import Redis
from rq.job import Job

from job_console.engine.concurrency import places
from job_console.engine.models.jobs import Call
from job_console.engine.models.policies import Limit, Policy
from job_console.engine.redis import keys
from job_console.engine.retries import store

from ..bench import SHORT
from .placing import OTHER, SITE, enqueue


def starts(redis: Redis, job: Job, site: str) -> bool:
    """As its worker does it. False: it is parked."""
    redis.lrem(keys.queue(SHORT), 0, job.id)
    redis.hset(keys.job(job.id), mapping={"status": "started", "worker_name": job.id})
    redis.hset(keys.worker(job.id), "current_job", job.id)
    if places.take(redis, places.Bound("p", 1, "its policy Few"), site, job.id, job.created_at):
        return True
    redis.delete(keys.worker(job.id))
    redis.hset(keys.job(job.id), "status", "scheduled")
    redis.zadd(keys.registry("scheduled", SHORT), {job.id: time.time() + 600})
    return False


def ends(redis: Redis, job_id: str) -> str:
    """The next one, which has the place now."""
    redis.hset(keys.job(job_id), "status", "finished")
    redis.delete(keys.worker(job_id))
    places.leave(redis, "p", job_id)
    (brought,) = redis.lrange(keys.queue(SHORT), 0, -1)
    return str(brought.decode())


def test_a_site_that_comes_back_goes_behind_those_who_wait(redis: Redis) -> None:
    """One has many jobs in line, the other enqueues its next one whenever one begins."""
    now = enqueue(redis, "a0")
    assert starts(redis, now, SITE)
    for number in range(3):
        assert not starts(redis, enqueue(redis, f"b{number}", site=OTHER), OTHER)
    order = []
    for number in range(1, 6):
        if now.id.startswith(SITE):
            assert not starts(redis, enqueue(redis, f"a{number}"), SITE)
        now = Job.fetch(ends(redis, now.id), connection=redis)
        order.append(now.id.partition("|")[0])
        assert starts(redis, now, order[-1])
    assert order == [OTHER, SITE, OTHER, SITE, OTHER]


@pytest.mark.parametrize("said", ["started", "scheduled"])
def test_whose_turn_comes_while_it_is_put_away_comes_back_when_that_is_done(redis: Redis, said: str) -> None:
    """RQ writes the status first, and everything else in a second step."""
    has, waits = enqueue(redis, "has"), enqueue(redis, "waits")
    assert starts(redis, has, SITE)
    assert not starts(redis, waits, SITE)
    redis.zrem(keys.registry("scheduled", SHORT), waits.id)
    redis.hset(keys.job(waits.id), "status", said)
    redis.hset(keys.worker(waits.id), "current_job", waits.id)
    redis.hset(keys.job(has.id), "status", "finished")
    places.leave(redis, "p", has.id)
    store.move_due(redis, datetime.now(timezone.utc), 10)
    assert not redis.exists(keys.queue(SHORT))
    redis.hset(keys.job(waits.id), "status", "scheduled")
    redis.zadd(keys.registry("scheduled", SHORT), {waits.id: time.time() + 600})
    redis.zadd(keys.RETRIES, {waits.id: 0}, xx=True)  # it is looked at again two seconds later
    store.move_due(redis, datetime.now(timezone.utc), 10)
    assert redis.lrange(keys.queue(SHORT), 0, -1) == [waits.id.encode()]


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        (Limit(3), "a.localhost:method:shop.sync"),
        (Limit(3, "bench"), "*:method:shop.sync"),
        (Limit(3, "key", "{customer}"), "a.localhost:key:C-1"),
    ],
)
def test_what_counts_together(limit: Limit, name: str) -> None:
    policy = Policy("Few", "method", "shop.sync", limit=limit)
    call = Call("shop.sync", "shop.sync", "method", SITE, arguments={"customer": "C-1"})
    bound = places.of_policy(policy, call, SITE)
    assert bound is not None
    assert (bound.name, bound.runs) == (name, limit.runs)


def test_what_counts_together_in_a_lane() -> None:
    ours, theirs = places.of_lane("long", 2, SITE), places.of_lane("long", 2, OTHER)
    assert ours.name != theirs.name
    assert ours.name != places.of_lane("short", 2, SITE).name
    assert ours.reached == "2 of 2 of this site's jobs in long running"

"""What stands wrongly in lists and registries."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from rq import Queue
from rq.scheduler import RQScheduler

from job_console.engine.redis import keys
from tests import jobs as work
from tests.engine import bench
from tests.engine.bench import LONG, SHORT

from .fault import Subject, Zoo, fault


@fault("a waiting job's record has expired", "orphan_id")
def orphan(zoo: Zoo) -> Subject:
    zoo.running()
    job = zoo.enqueue()
    zoo.redis.delete(job.key)
    return {"job_id": job.id, "queue": SHORT}


@fault("a running job's record is deleted", "orphan_id")
def running_orphan(zoo: Zoo) -> Subject:
    job, _worker = zoo.running()
    zoo.redis.delete(job.key)
    return {"job_id": job.id, "queue": SHORT}


@fault("an id in limbo has no record", "orphan_id")
def orphan_in_limbo(zoo: Zoo) -> Subject:
    zoo.redis.sadd(keys.QUEUES, keys.queue(SHORT))
    zoo.redis.rpush(keys.intermediate(SHORT), "a.localhost||lost")
    return {"job_id": "a.localhost||lost", "queue": SHORT}


@fault("a job for later has lost its record", "orphan_id")
def scheduled_orphan(zoo: Zoo) -> Subject:
    job = Queue(SHORT, connection=zoo.redis).enqueue_in(timedelta(hours=1), work.say_hello, job_id="a.localhost||later")
    zoo.redis.delete(job.key)
    zoo.redis.zadd(keys.registry("scheduled", SHORT), {job.id: time.time() - 60})
    return {"job_id": job.id, "queue": SHORT}


@fault("a record says queued, and no list holds it", "ghost_queued")
def ghost(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    zoo.redis.lrem(keys.queue(SHORT), 0, job.id)
    zoo.waited(job, 600)
    return {"job_id": job.id, "queue": SHORT}


@fault("a ghost of a lane in which 30,000 jobs wait", "ghost_queued", sweeps=3)
def deep_ghost(zoo: Zoo) -> Subject:
    zoo.running()
    ids = bench.fill(zoo.redis, 30_000)
    zoo.redis.lrem(keys.queue(SHORT), 1, ids[0])
    return {"job_id": ids[0], "queue": SHORT}


@fault("a record says started, and nothing runs it (a restored snapshot)", "ghost_started")
def started_ghost(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    zoo.redis.lrem(keys.queue(SHORT), 0, job.id)
    zoo.redis.hset(job.key, mapping={"status": "started", "started_at": bench.ago(900), "worker_name": "long gone"})
    return {"job_id": job.id, "queue": SHORT}


@fault("the same work waits six times", "duplicated")
def repeated(zoo: Zoo) -> Subject:
    zoo.running()
    for _ in range(6):
        zoo.waited(zoo.enqueue(kwargs={"name": "same"}, timeout=900), 400)
    return {"queue": SHORT}


@fault("one id stands twice in its lane", "duplicated")
def twice(zoo: Zoo) -> Subject:
    zoo.running()
    job = zoo.enqueue()
    zoo.redis.rpush(keys.queue(SHORT), job.id)
    return {"job_id": job.id, "queue": SHORT}


@fault("one id stands in two lanes", "duplicated")
def in_two_lanes(zoo: Zoo) -> Subject:
    zoo.running()
    zoo.running(queue=LONG, worker="w2")
    job = zoo.enqueue()
    zoo.redis.rpush(keys.queue(LONG), job.id)
    return {"job_id": job.id}


@fault("a job that has ended waits once more", "duplicated")
def ended_and_waiting(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    zoo.crew.start(SHORT, burst=True).wait(15)
    zoo.running()
    zoo.redis.rpush(keys.queue(SHORT), job.id)
    return {"job_id": job.id, "queue": SHORT}


def _awaits(zoo: Zoo, method: str = "say_hello") -> tuple[str, str]:
    lane = Queue(SHORT, connection=zoo.redis)
    first = lane.enqueue(f"tests.jobs.{method}", job_id="a.localhost||first")
    return first.id, lane.enqueue("tests.jobs.say_hello", depends_on=first, job_id="a.localhost||second").id


@fault("the job that it waits for has failed", "blocked_dependency")
def dependency_failed(zoo: Zoo) -> Subject:
    first, second = _awaits(zoo, "fail")
    zoo.crew.start(SHORT)
    zoo.until(lambda: bench.status(zoo.redis, first) == "failed")
    return {"job_id": second}


@fault("the job that it waits for was canceled", "blocked_dependency")
def dependency_canceled(zoo: Zoo) -> Subject:
    from rq.job import Job

    first, second = _awaits(zoo)
    Job.fetch(first, connection=zoo.redis).cancel()
    return {"job_id": second}


@fault("the job that it waits for is gone", "blocked_dependency")
def dependency_gone(zoo: Zoo) -> Subject:
    first, second = _awaits(zoo)
    zoo.redis.lrem(keys.queue(SHORT), 0, first)
    zoo.redis.delete(keys.job(first))
    return {"job_id": second}


@fault("the job that it waits for ended well, and nobody enqueued it", "blocked_dependency")
def dependency_done(zoo: Zoo) -> Subject:
    first, second = _awaits(zoo)
    zoo.redis.lrem(keys.queue(SHORT), 0, first)
    zoo.redis.hset(keys.job(first), "status", "finished")
    return {"job_id": second}


@fault("two jobs wait for each other", "blocked_dependency")
def dependency_circle(zoo: Zoo) -> Subject:
    first, second = _awaits(zoo)
    zoo.redis.lrem(keys.queue(SHORT), 0, first)
    zoo.redis.hset(keys.job(first), mapping={"status": "deferred", "dependency_ids": f'["{second}"]'})
    zoo.redis.zadd(keys.registry("deferred", SHORT), {first: time.time()})
    return {"queue": SHORT}


@fault("a job for later is due, and nothing moves it", "scheduled_overdue")
def overdue(zoo: Zoo) -> Subject:
    zoo.crew.start(SHORT)
    later = Queue(SHORT, connection=zoo.redis).enqueue_at(
        datetime.now(timezone.utc) + timedelta(hours=1), work.say_hello, job_id="a.localhost||later"
    )
    zoo.redis.zadd(keys.registry("scheduled", SHORT), {later.id: time.time() - 60})
    return {"job_id": later.id, "queue": SHORT}


@fault("a job for later is due, and the lock of a dead scheduler of RQ's stays for ever", "scheduled_overdue")
def stray_scheduler_lock(zoo: Zoo) -> Subject:
    """Its process took the lock; keys that were copied from another server came without their time to live."""
    subject = overdue(zoo)
    scheduler = RQScheduler([SHORT], connection=zoo.redis)
    assert scheduler.acquire_locks() == {SHORT}
    (lock,) = zoo.redis.keys("rq:scheduler-lock:*")
    zoo.redis.persist(lock)
    assert RQScheduler([SHORT], connection=zoo.redis).acquire_locks() == set(), "none takes over"
    return subject

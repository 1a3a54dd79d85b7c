"""Records that nobody can read, and keys that are none of RQ's."""

from __future__ import annotations

import zlib

from job_console.engine.redis import keys
from tests.engine import bench
from tests.engine.bench import LONG, SHORT

from .fault import Subject, Zoo, fault


@fault("a waiting job's payload is no payload", "undecodable")
def no_payload(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    zoo.redis.hset(job.key, "data", b"not a pickle")
    return {"job_id": job.id, "queue": SHORT}


@fault("a waiting job has lost its payload", "undecodable")
def payload_gone(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    zoo.redis.hdel(job.key, "data")
    return {"job_id": job.id, "queue": SHORT}


@fault("a worker could not read a payload", "undecodable")
def failed_to_read(zoo: Zoo) -> Subject:
    job = zoo.enqueue()
    zoo.redis.hset(job.key, "data", zlib.compress(b"\x80\x05nonsense"))
    zoo.crew.start(SHORT)
    zoo.until(lambda: bench.status(zoo.redis, job.id) == "failed")
    return {"job_id": job.id, "queue": SHORT}


@fault("a record is no hash", "orphan_id")
def record_of_another_type(zoo: Zoo) -> Subject:
    zoo.running()
    job = zoo.enqueue()
    zoo.redis.delete(job.key)
    zoo.redis.set(job.key, "something else")
    return {"job_id": job.id, "queue": SHORT}


@fault("a lane's key is no list", "broken_key")
def lane_of_another_type(zoo: Zoo) -> Subject:
    zoo.crew.start(LONG)
    zoo.enqueue()
    zoo.redis.delete(keys.queue(SHORT))
    zoo.redis.set(keys.queue(SHORT), "something else")
    return {"queue": SHORT}


@fault("a lane's running jobs are no sorted set", "broken_key")
def registry_of_another_type(zoo: Zoo) -> Subject:
    zoo.enqueue()
    zoo.redis.set(keys.registry("started", SHORT), "something else")
    return {"queue": SHORT}


@fault("a worker's key is no hash", "broken_key")
def worker_of_another_type(zoo: Zoo) -> Subject:
    zoo.crew.start(LONG)
    zoo.enqueue()
    zoo.redis.sadd(keys.WORKERS, keys.worker("odd"))
    zoo.redis.set(keys.worker("odd"), "something else")
    return {"worker": "odd"}

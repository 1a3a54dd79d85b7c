"""Puts work on a bench as Frappe does, and faults as life does: through RQ, and where RQ would wait, by hand."""

from __future__ import annotations

import pickle
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from rq import Queue
from rq.job import Job

from job_console.engine.redis import keys
from tests import jobs as work

SHORT, DEFAULT, LONG = "bench:short", "bench:default", "bench:long"
HELLO = "tests.jobs.say_hello"


def iso(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def ago(seconds: float) -> str:
    return iso(datetime.now(timezone.utc) - timedelta(seconds=seconds))


def packed(value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> bytes:
    return zlib.compress(pickle.dumps(value, protocol))


def payload(method: str = HELLO, site: str = "a.localhost", **kwargs: Any) -> bytes:
    return packed((work.WRAPPER, None, (), work.wrapped(method, site, **kwargs)))


def enqueue(
    redis: Any,
    method: str = HELLO,
    queue: str = SHORT,
    site: str = "a.localhost",
    name: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    user: str = "Administrator",
    **options: Any,
) -> Job:
    """What `frappe.enqueue(method, queue, job_id=name, **kwargs)` leaves in Redis, on version 16."""
    return Queue(queue, connection=redis).enqueue_call(
        work.WRAPPER,
        kwargs=work.wrapped(method, site, user, **(kwargs or {})),
        job_id=f"{site}||{name or uuid.uuid4()}",
        **{"timeout": 300, "result_ttl": 600, "failure_ttl": 604800, **options},
    )


def scheduled_run(redis: Any, method: str = "shop.pull", name: str | None = None, **options: Any) -> Job:
    """What Frappe's scheduler leaves: it puts a schedule's run into a queue, and never runs one itself."""
    kwargs = {"job_type": method, "scheduled_job_type": method}
    name = name or f"scheduled_job|{uuid.uuid4()}"
    return enqueue(redis, "tests.jobs.run_scheduled_job", name=name, kwargs=kwargs, **options)


def fill(
    redis: Any,
    count: int,
    queue: str = SHORT,
    name: Callable[[int], str] = "a.localhost||{:06d}".format,
    data: bytes | None = None,
    **fields: str,
) -> list[str]:
    """Many waiting jobs at once, as RQ writes them; a thousand were enqueued in each second."""
    ids = [name(number) for number in range(count)]
    record = {
        "status": "queued",
        "origin": queue,
        "created_at": ago(60),
        "enqueued_at": ago(60),
        "timeout": "300",
        "result_ttl": "600",
        "description": "x",
        "data": data or payload(),
        **fields,
    }
    redis.sadd(keys.QUEUES, keys.queue(queue))
    for start in range(0, count, 2_000):
        chunk = ids[start : start + 2_000]
        pipeline = redis.pipeline(transaction=False)
        for number, job_id in enumerate(chunk, start):
            when = {} if "enqueued_at" in fields else {"enqueued_at": ago(60 + (count - number) / 1_000)}
            pipeline.hset(keys.job(job_id), mapping={**record, **when})
        pipeline.rpush(keys.queue(queue), *chunk)
        pipeline.execute()
    return ids


def age(redis: Any, job_id: str, seconds: float, *names: str) -> None:
    """Move these moments of a record into the past."""
    redis.hset(keys.job(job_id), mapping=dict.fromkeys(names, ago(seconds)))


def expire_lease(redis: Any, job_id: str, seconds: float = 30, queue: str = SHORT) -> None:
    """Its worker has been silent: the job's lease is over, and so the worker's record has expired."""
    name = redis.hget(keys.job(job_id), "worker_name")
    redis.delete(keys.worker(name.decode() if name else ""))
    registry = keys.registry("started", queue)
    past = datetime.now(timezone.utc).timestamp() - seconds
    for member in redis.zrange(registry, 0, -1):
        if keys.members(member.decode())[0] == job_id:
            redis.zadd(registry, {member: past})
    for member in redis.zrange(keys.executions(job_id), 0, -1):
        redis.zadd(keys.executions(job_id), {member: past})


def dump(redis: Any) -> dict[bytes, tuple[bytes, Any]]:
    """Everything in Redis: key → (type, value, time to live in whole minutes)."""
    every = list(redis.scan_iter(count=1_000))
    kinds, pipeline = redis.pipeline(transaction=False), redis.pipeline(transaction=False)
    for key in every:
        kinds.type(key)
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": pipeline.get,
        b"list": lambda key: pipeline.lrange(key, 0, -1),
        b"hash": pipeline.hgetall,
        b"set": pipeline.smembers,
        b"zset": lambda key: pipeline.zrange(key, 0, -1, withscores=True),
        b"stream": pipeline.xrange,
    }
    types = kinds.execute()
    for key, kind in zip(every, types, strict=True):
        readers[kind](key)
        pipeline.ttl(key)
    answers = pipeline.execute()
    return {
        key: (kind, value, ttl >= 0)
        for key, kind, value, ttl in zip(every, types, answers[::2], answers[1::2], strict=True)
    }


def places(redis: Any, job_id: str, queues: Iterable[str] = (SHORT, DEFAULT, LONG)) -> list[str]:
    """Every place that holds this id: `queued bench:short`, `failed bench:short`, …; twice when it stands twice."""
    found = []
    for queue in queues:
        found += [f"queued {queue}"] * redis.lrange(keys.queue(queue), 0, -1).count(job_id.encode())
        found += [f"intermediate {queue}"] * redis.lrange(keys.intermediate(queue), 0, -1).count(job_id.encode())
        for status in keys.REGISTRIES:
            members = redis.zrange(keys.registry(status, queue), 0, -1)
            found += [f"{status} {queue}" for member in members if keys.members(member.decode())[0] == job_id]
    return found


def status(redis: Any, job_id: str) -> str | None:
    value = redis.hget(keys.job(job_id), "status")
    return value.decode() if value else None

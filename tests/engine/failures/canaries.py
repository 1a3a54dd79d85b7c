"""Begins a group's retry, and lets what it released end."""

from __future__ import annotations

from typing import Any

from job_console.engine.redis import keys
from job_console.engine.service import Console
from tests.engine.bench import SHORT, ago

from .work import fail

FAST = {"rate": 600.0, "reason": "stock was counted"}


def canary_state(console: Console) -> Any:
    (found,) = console.failures.groups()["canaries"]
    return found


def start(console: Console, **how: Any) -> Any:
    console.engine.watch.forget()
    group = console.failures.groups()["groups"][0]["group"]
    return console.failures.retry(group, **{**FAST, **how})["canary"]


def queued(redis: Any) -> list[str]:
    return [member.decode() for member in redis.lrange(keys.queue(SHORT), 0, -1)]


def run(redis: Any, well: bool = True, error: str = "ValueError: no stock of 7") -> list[str]:
    """All that waits runs, in no time, and ends."""
    ids = queued(redis)
    redis.delete(keys.queue(SHORT))
    for job_id in ids:
        if well:
            moments = {"status": "finished", "started_at": ago(1), "ended_at": ago(0)}
            redis.hset(keys.job(job_id), mapping=moments)
        else:
            prefix, number = job_id.rsplit("||", 1)[1].rsplit("-", 1)
            fail(redis, 1, error=error, prefix=f"{prefix}-{number}", seconds_ago=0)
            redis.rename(keys.job(f"a.localhost||{prefix}-{number}-0"), keys.job(job_id))
            redis.rename(keys.results(f"a.localhost||{prefix}-{number}-0"), keys.results(job_id))
            registry = keys.registry("failed", SHORT)
            redis.zadd(registry, {job_id: redis.zscore(registry, f"a.localhost||{prefix}-{number}-0")})
            redis.zrem(registry, f"a.localhost||{prefix}-{number}-0")
    return ids

"""Leaving a site takes what is its own out of Redis, and nothing of anybody else's."""

from __future__ import annotations

from typing import Any

from job_console.engine.redis import forget, keys

SITE, OTHER = "acme.com", "acme.com.au"


def fill(redis: Any, site: str) -> None:
    """Of each kind, by every way in which a key, a field or a member names its site."""
    redis.hset(keys.POLICIES, site, "1")
    redis.hset(keys.policies(site), "=a.b", "{}")
    redis.zadd(keys.SCHEDULES, {site: 1_000})
    redis.set(keys.progress(f"{site}||1"), 1)
    redis.set(keys.progress(f"{site}::2"), 1)
    redis.set(keys.lock(f"{site}|counter"), 1)
    redis.zadd(keys.LOCKS, {f"{site}|counter": 1})
    redis.hset(keys.ARMED, f"{site}||1", "{}")
    redis.hset(keys.sweep("bench"), f"incidents@{site}", "{}")
    redis.zadd(keys.FAILURES, {keys.failing(site, "a.b"): 1})
    redis.rpush(keys.failures(keys.failing(site, "a.b")), "{}")
    redis.xadd(keys.AUDIT, {"site": site, "action": "stop"})
    redis.sadd(keys.own("some", "set"), site)
    redis.hset(keys.HOLDS, f"method|{site}:a.b", "{}")
    redis.sadd(keys.held_jobs(f"{site}:a.b"), f"{site}||1")
    redis.hset(keys.failed_jobs("bench:short"), f"{site}||1", "[]")
    redis.hset(keys.failed_groups("bench:short"), f"f00@{site}", "[]")
    redis.zadd(keys.failed_of("bench:short", f"f00@{site}"), {f"{site}||1": 1})
    redis.zadd(keys.CANARIES, {f"f00@{site}": 1})
    redis.sadd(keys.CANARIES_ON, f"f00@{site}")
    for name in (keys.canary, keys.canary_left, keys.canary_out):
        redis.set(name(f"f00@{site}"), 1)
    redis.hset(f"rq:job:{site}||1", "status", "queued")


def left(redis: Any) -> dict[str, Any]:
    read = {
        b"hash": redis.hgetall,
        b"zset": lambda name: redis.zrange(name, 0, -1),
        b"set": redis.smembers,
        b"list": lambda name: redis.lrange(name, 0, -1),
        b"stream": lambda name: [fields for _entry, fields in redis.xrange(name)],
        b"string": redis.get,
    }
    return {name.decode(): read[redis.type(name)](name) for name in redis.scan_iter("*")}


def test_a_site_leaves_and_the_others_keep_all_of_theirs(redis: Any) -> None:
    fill(redis, OTHER)
    alone = left(redis)
    fill(redis, SITE)
    forget.of_site(redis, SITE)
    redis.delete(f"rq:job:{SITE}||1")  # RQ's own is not ours to take
    assert left(redis) == alone


def test_the_last_one_takes_everything_and_no_job(redis: Any) -> None:
    fill(redis, SITE)
    assert forget.sites(redis, 999) == {SITE}
    assert forget.sites(redis, 1_001) == set()
    forget.everything(redis)
    assert set(left(redis)) == {f"rq:job:{SITE}||1"}

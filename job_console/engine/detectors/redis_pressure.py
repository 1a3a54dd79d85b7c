"""`redis_pressure`: Redis is near its memory limit, or may evict jobs.

Full and told to evict nothing, it refuses writes: no job can be enqueued, none can end. Told to evict, it drops keys,
and with `allkeys-*` those of waiting jobs. A server without a limit is not judged: the machine's memory is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import limits
from ..models import Bench, RedisHealth, Warning


def detect(bench: Bench) -> Iterator[Warning]:
    redis = bench.redis
    if not redis.max_bytes or redis.used_bytes is None:
        return
    share = redis.used_bytes / redis.max_bytes
    evicts = redis.eviction not in (None, "noeviction")
    if share < (limits.REDIS_EVICTS_SHARE if evicts else limits.REDIS_NEAR_SHARE):
        return
    yield Warning(
        code="redis_pressure",
        severity="critical" if _loses_work(redis) or share >= 1 else "warning",
        message=f"Redis uses {share:.0%} of the memory that it may use ({_mb(redis.max_bytes)} MB); {_then(redis)}.",
        evidence={"used_bytes": redis.used_bytes, "max_bytes": redis.max_bytes, "policy": redis.eviction},
    )


def _loses_work(redis: RedisHealth) -> bool:
    return (redis.eviction or "").startswith("allkeys")


def _then(redis: RedisHealth) -> str:
    if _loses_work(redis):
        return f"with the policy {redis.eviction} it then deletes waiting jobs"
    if redis.eviction not in (None, "noeviction"):
        return f"with the policy {redis.eviction} it then deletes records of workers and of ended jobs"
    return "when it is full no job can be enqueued and none can end"


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f}"

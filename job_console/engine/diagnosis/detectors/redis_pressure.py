"""`redis_pressure`: Redis is near its memory limit, may evict jobs, takes no writes, or has no connection left to give.

Full and configured to evict nothing (`noeviction`), it refuses writes: no job can be enqueued, none can end. With
another eviction policy it drops keys, and with `allkeys-*` those of waiting jobs. A server without a limit is not
judged: the machine's memory is not known. It refuses writes also when it could not save its data (unless it is
configured otherwise), and when a failover made it a replica. In a cluster each step of RQ's that names several keys is
refused, be it of one node that has all slots. One server is one warning, about the worst of it.

Wrong if: what fills the server expires within moments, or its limit is raised before it is reached.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench, RedisHealth
from ...models.warnings import Warning
from .. import limits


def detect(bench: Bench) -> Iterator[Warning]:
    redis = bench.redis
    for severity, message in (*_no_writes(redis), *_memory(redis), *_connections(redis)):
        yield Warning(
            code="redis_pressure",
            severity=severity,
            message=message,
            evidence={
                "used_bytes": redis.used_bytes,
                "max_bytes": redis.max_bytes,
                "policy": redis.eviction,
                "saves": redis.saves,
                "replica_of": redis.replica_of,
                "cluster": redis.cluster,
                "clients": redis.clients,
                "max_clients": redis.max_clients,
            },
        )
        return


def _no_writes(redis: RedisHealth) -> Iterator[tuple[str, str]]:
    if redis.cluster:
        yield (
            "critical",
            _(
                "This Redis is a part of a cluster, where RQ cannot work: no job can be enqueued, none can end. Let "
                "redis_queue name a server without cluster mode."
            ),
        )
    if redis.replica_of:
        yield (
            "critical",
            _(
                "This Redis is a replica of {replica_of} and takes no writes: no job can be enqueued, none can end."
            ).format(replica_of=redis.replica_of),
        )
    if not redis.saves:
        yield (
            "critical",
            _(
                "Redis could not write its data to disk. Unless it is told otherwise it now refuses all writes: no job "
                "can be enqueued, none can end. What waits is lost when it stops."
            ),
        )


def _memory(redis: RedisHealth) -> Iterator[tuple[str, str]]:
    if not redis.max_bytes or redis.used_bytes is None:
        return
    share = redis.used_bytes / redis.max_bytes
    evicts = redis.eviction not in (None, "noeviction")
    if share < (limits.REDIS_EVICTS_SHARE if evicts else limits.REDIS_NEAR_SHARE):
        return
    yield (
        "critical" if _loses_work(redis) or share >= 1 else "warning",
        _("Redis uses {share:.0%} of the memory that it may use ({mb} MB); {then}.").format(
            share=share, mb=_mb(redis.max_bytes), then=_then(redis)
        ),
    )


def _connections(redis: RedisHealth) -> Iterator[tuple[str, str]]:
    if redis.clients is None or not redis.max_clients:
        return
    if redis.clients >= limits.REDIS_CLIENTS_SHARE * redis.max_clients:
        yield (
            "warning",
            _(
                "Redis gives {max_clients:,} connections at most, and {clients:,} are taken: workers and "
                "web processes that come next are refused."
            ).format(max_clients=redis.max_clients, clients=redis.clients),
        )


def _loses_work(redis: RedisHealth) -> bool:
    return (redis.eviction or "").startswith("allkeys")


def _then(redis: RedisHealth) -> str:
    if _loses_work(redis):
        return _("with the policy {eviction} it then deletes waiting jobs").format(eviction=redis.eviction)
    if redis.eviction not in (None, "noeviction"):
        return _("with the policy {eviction} it then deletes records of workers and of ended jobs").format(
            eviction=redis.eviction
        )
    return _("when it is full no job can be enqueued and none can end")


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f}"

"""A Redis that is nearly full, full, cannot save, or is not the one to write to."""

from __future__ import annotations

import os
import signal
from contextlib import closing

from redis import Redis

from job_console.console.embedded import embedded_server, free_port
from job_console.engine.service import Engine
from tests.engine import bench

from .fault import Subject, Zoo, fault


def _set(zoo: Zoo, **settings: str | int) -> None:
    before = {name: zoo.redis.config_get(name)[name] for name in settings}
    for name, value in settings.items():
        zoo.redis.config_set(name, value)
        zoo.cleanup.callback(zoo.redis.config_set, name, before[name])


def _used(zoo: Zoo) -> int:
    """When what was there before has been given back."""
    readings = [0, int(zoo.redis.info("memory")["used_memory"])]

    def settled() -> bool:
        readings.append(int(zoo.redis.info("memory")["used_memory"]))
        return abs(readings[-1] - readings[-2]) < readings[-1] / 1_000

    zoo.redis.memory_purge()
    zoo.until(settled)
    return readings[-1]


@fault("Redis is nearly full, and may delete jobs", "redis_pressure")
def may_evict(zoo: Zoo) -> Subject:
    _set(zoo, maxmemory=int(_used(zoo) * 1.1), **{"maxmemory-policy": "allkeys-lru"})
    return {}


@fault("Redis is nearly full", "redis_pressure")
def nearly_full(zoo: Zoo) -> Subject:
    _set(zoo, maxmemory=int(_used(zoo) * 1.05))
    return {}


@fault("Redis is full: no job can be enqueued", "redis_pressure")
def full(zoo: Zoo) -> Subject:
    bench.fill(zoo.redis, 100, enqueued_at=bench.ago(1))
    _set(zoo, maxmemory=int(_used(zoo) * 0.8))
    return {}


@fault("Redis cannot save, and refuses all writes", "redis_pressure")
def cannot_save(zoo: Zoo) -> Subject:
    """A folder stands where it would write its file."""
    _set(zoo, save="3600 1")
    file = zoo.server.folder / zoo.redis.config_get("dbfilename")["dbfilename"]
    file.mkdir()

    def save() -> str:
        zoo.redis.bgsave()
        zoo.until(lambda: not zoo.redis.info("persistence")["rdb_bgsave_in_progress"])
        return str(zoo.redis.info("persistence")["rdb_last_bgsave_status"])

    def save_again() -> None:
        file.rmdir()
        assert save() == "ok"

    zoo.cleanup.callback(save_again)
    assert save() == "err"
    return {}


@fault("Redis is killed, and comes back without its data", "memory_lost")
def came_back_empty(zoo: Zoo) -> Subject:
    """One for this fault alone: the others share theirs."""
    port = free_port()
    with embedded_server(port=port) as first:
        zoo.redis = zoo.cleanup.enter_context(closing(Redis.from_url(first.url)))
        zoo.engine = Engine(zoo.cleanup.enter_context(closing(Redis.from_url(first.url, socket_timeout=10))))
        bench.fill(zoo.redis, 50)
        for _ in range(2):
            zoo.look(0.0)
        os.kill(first.pid, signal.SIGKILL)
    zoo.cleanup.enter_context(embedded_server(port=port))
    return {}


@fault("this Redis became a replica: it refuses all writes", "redis_pressure")
def replica(zoo: Zoo) -> Subject:
    other = zoo.cleanup.enter_context(embedded_server())
    zoo.cleanup.callback(zoo.redis.replicaof, "no", "one")
    zoo.redis.replicaof("127.0.0.1", other.port)
    zoo.until(lambda: zoo.redis.info("replication")["master_link_status"] == "up")
    return {}


@fault("Redis has hardly a connection left to give", "redis_pressure")
def connections(zoo: Zoo) -> Subject:
    for _ in range(150):  # so many that some of an earlier test, which go a moment later, make no difference
        client = zoo.cleanup.enter_context(closing(Redis.from_url(zoo.server.url)))
        client.ping()
    _set(zoo, maxclients=zoo.redis.info("clients")["connected_clients"] + 3)
    return {}

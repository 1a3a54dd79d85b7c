"""What the server reports of itself: memory, whether it saves and takes writes, connections. Part of a look's first
round trip.

INFO is refused to some users (ACL); then the values are None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import RedisUnavailable
from ..messages import _
from ..models.bench import RedisHealth
from ..redis.link import Pipeline

_SECTIONS = ("memory", "server", "persistence", "replication", "clients")
ANSWERS = len(_SECTIONS)
OLDEST = 5


def ask(pipeline: Pipeline) -> None:
    for section in _SECTIONS:
        pipeline.info(section)


def check(server: Any) -> None:
    """Raises RedisUnavailable for a server that is too old for RQ and for us: its streams came with Redis 5."""
    version = str(server.get("redis_version") or "") if isinstance(server, dict) else ""
    major = version.partition(".")[0]
    if major.isdecimal() and int(major) < OLDEST:
        raise RedisUnavailable(
            _("This server is Redis {version}. Job Console needs Redis {oldest} or newer, or Valkey.").format(
                version=version, oldest=OLDEST
            )
        )


def build(answers: Sequence[Any]) -> RedisHealth:
    memory, server, saving, replication, clients = (answer if isinstance(answer, dict) else {} for answer in answers)
    version = server.get("valkey_version") or server.get("redis_version")
    failed = [name for name in ("rdb_last_bgsave_status", "aof_last_write_status") if saving.get(name, "ok") != "ok"]
    return RedisHealth(
        version=str(version) if version else None,
        used_bytes=memory.get("used_memory"),
        max_bytes=memory.get("maxmemory") or None,
        eviction=memory.get("maxmemory_policy"),
        saves=not failed,
        replica_of=str(replication.get("master_host")) if replication.get("role") == "slave" else None,
        cluster="cluster" in (server.get("redis_mode"), server.get("server_mode")),
        clients=clients.get("connected_clients"),
        max_clients=clients.get("maxclients"),
        run_id=str(server["run_id"]) if server.get("run_id") else None,
        uptime_s=server.get("uptime_in_seconds"),
        loaded_keys=saving.get("rdb_last_load_keys_loaded"),
    )

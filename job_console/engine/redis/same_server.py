"""How one process tells another one, through a pipe, how to reach the same Redis: directly, or by its Sentinels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import redis
from redis.sentinel import Sentinel

from .link import PLAIN_PROTOCOL, Redis

#: What it takes to reach a server (redis-py's names, also for what it does not print).
_OPTIONS = (
    *("host", "port", "db", "username", "password", "path"),
    *("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"),
)


def describe(client: Redis) -> dict[str, Any]:
    """For `reach`, as JSON. Passwords are in it."""
    pool: Any = client.connection_pool
    service = getattr(pool, "service_name", None)
    if service is None:
        return _direct(pool)
    nodes = [_direct(each.connection_pool) for each in pool.sentinel_manager.sentinels]
    return {**_direct(pool), "service": service, "sentinels": nodes}


def reach(described: Mapping[str, Any], **options: Any) -> Redis:
    """`options`: of each connection, such as its patience."""
    direct = {**_kwargs(described), **options}
    if "service" not in described:
        if "path" in direct:
            direct["unix_socket_path"] = direct.pop("path")
        return redis.Redis(**direct)
    by_name: Any = Sentinel  # typed loosely, as all of redis-py's
    sentinel = by_name([], **direct)
    sentinel.sentinels = [redis.Redis(**{**_kwargs(node), **options}) for node in described["sentinels"]]
    found: Redis = sentinel.master_for(described["service"])
    return found


def by_sentinels(client: Redis) -> bool:
    """Whether another server may take the place of this one."""
    return hasattr(client.connection_pool, "service_name")


def _direct(pool: Any) -> dict[str, Any]:
    given = {name: pool.connection_kwargs[name] for name in _OPTIONS if name in pool.connection_kwargs}
    return {"options": given, "tls": "SSL" in pool.connection_class.__name__}


def _kwargs(described: Mapping[str, Any]) -> dict[str, Any]:
    return {**described["options"], "ssl": bool(described["tls"]), **PLAIN_PROTOCOL}

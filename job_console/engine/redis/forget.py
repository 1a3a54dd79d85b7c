"""Job Console leaves: what it keeps in Redis goes, for one site or altogether. Nothing of RQ's is touched.

Goes through all names that the server has, as nobody asks for it twice: never on the way of a request.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import keys
from .link import Redis, pipelined

_AT_ONCE = 1_000


def everything(redis: Redis) -> int:
    """How many keys there were. Locks that are held now are lost with them."""
    gone = 0
    for names in _batches(redis):
        redis.unlink(*names)
        gone += len(names)
    return gone


def of_site(redis: Redis, site: str) -> None:
    """What names the site; what other sites share stays, without its entries."""
    for names in _batches(redis):
        named = [name for name in names if _names(name.decode(errors="replace").removeprefix(keys.OURS), site)]
        if named:
            redis.unlink(*named)
        for name in set(names) - set(named):
            _entries(redis, name, site)


def sites(redis: Redis, since: float) -> set[str]:
    """Those that have told their schedule since then, as every site does that uses Job Console."""
    found: Any = redis.zrangebyscore(keys.SCHEDULES, since, "+inf")
    return {member.decode() for member in found}


def _batches(redis: Redis) -> Iterable[list[bytes]]:
    names: list[bytes] = []
    for name in redis.scan_iter(keys.OURS + "*", count=_AT_ONCE):
        names.append(name)
        if len(names) == _AT_ONCE:
            yield names
            names = []
    if names:
        yield names


def _names(text: str, site: str) -> bool:
    """Whether a key, a field or a member is of the site: `…:SITE:…`, `SITE||ID`, `SITE|LOCK`, `DUTY@SITE`,
    `method|SITE:METHOD`."""
    parts = text.replace("@", ":").split(":")
    return any(part in (site, f"method|{site}") or part.startswith(f"{site}|") for part in parts)


def _entries(redis: Redis, name: bytes, site: str) -> None:
    kind: Any = redis.type(name)
    read = _KINDS.get(kind.decode())
    if read is None:
        return
    pipeline = pipelined(redis)
    for take_out, entry, member in read(redis, name):
        if _names(member.decode(errors="replace"), site):
            take_out(pipeline, name, entry)
            if name.decode() == keys.FAILURES:  # the list of a method, whose name tells nothing
                pipeline.delete(keys.failures(member.decode()))
    pipeline.execute()


def _hash(redis: Redis, name: bytes) -> Iterable[Any]:
    for field, _value in redis.hscan_iter(name, count=_AT_ONCE):
        yield (lambda pipeline, key, entry: pipeline.hdel(key, entry)), field, field


def _sorted(redis: Redis, name: bytes) -> Iterable[Any]:
    for member, _score in redis.zscan_iter(name, count=_AT_ONCE):
        yield (lambda pipeline, key, entry: pipeline.zrem(key, entry)), member, member


def _set(redis: Redis, name: bytes) -> Iterable[Any]:
    for member in redis.sscan_iter(name, count=_AT_ONCE):
        yield (lambda pipeline, key, entry: pipeline.srem(key, entry)), member, member


def _stream(redis: Redis, name: bytes) -> Iterable[Any]:
    entries: Any = redis.xrange(name)
    for entry, fields in entries:
        yield (lambda pipeline, key, entry: pipeline.xdel(key, entry)), entry, fields.get(b"site", b"")


_KINDS = {"hash": _hash, "zset": _sorted, "set": _set, "stream": _stream}

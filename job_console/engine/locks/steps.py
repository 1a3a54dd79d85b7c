"""The steps of a lock, each one round trip and atomic: lua/lock_*.lua after lua/lock_base.lua."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from redis.exceptions import NoScriptError

from .. import keys, limits
from ..link import Redis, pipelined, script
from ..records import text

SHARED, COUNTED = "s", "c"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One acquisition: `id` stands for it in Redis from its first step to its last."""

    name: str
    id: str
    ttl_s: float
    mode: str = COUNTED
    slots: int = 1
    #: JSON: who this is, for people.
    info: str = "{}"


@dataclass(frozen=True, slots=True)
class Held:
    token: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class Wait:
    nap_s: float
    place: int


@dataclass(frozen=True, slots=True)
class Busy:
    """`holders` are records of `who` as the scripts write them."""

    holders: tuple[str, ...]


def acquire(redis: Redis, wanted: Wanted, patience_s: float) -> Held | Wait | Busy:
    """Take it, or a place in the line when there is any patience. Safe to repeat."""
    return _answer(
        _run(
            redis, "acquire", wanted.name, wanted.id,
            _ms(wanted.ttl_s), wanted.mode, wanted.slots, wanted.info, _ms(patience_s), _ms(limits.LOCK_NAP_S),
        )
    )  # fmt: skip


def leave(redis: Redis, name: str, lease_id: str, still_wanted: bool) -> Held | Wait | Busy:
    """Wait no longer. What was handed over a moment ago is kept if still wanted, else passed on."""
    return _answer(_run(redis, "leave", name, lease_id, int(still_wanted)))


def renew(redis: Redis, leases: Sequence[Wanted]) -> list[bool]:
    """In one round trip. False: that lease is over. It never comes back."""
    if len(leases) == 1:
        (one,) = leases
        return [bool(_run(redis, "renew", one.name, one.id, _ms(one.ttl_s)))]
    pipeline = pipelined(redis)
    for each in leases:
        names = keys.lock(each.name)
        pipeline.eval(_text("renew"), len(names), *names, each.name, each.id, keys.LOCK_WAKE_PREFIX, _ms(each.ttl_s))
    return [bool(answer) for answer in pipeline.execute()]


def release(redis: Redis, name: str, lease_id: str) -> bool:
    """Let the next one have it. False: that lease was over before."""
    return bool(_run(redis, "release", name, lease_id))


def force_release(redis: Redis, name: str) -> list[str]:
    """End all leases and move the fence on. The records of those it was taken from."""
    return [text(row) or "" for row in _run(redis, "force", name, "", "release", 0)]


def extend(redis: Redis, name: str, seconds: float) -> list[str]:
    """Give all present leases so much more time. Their records."""
    return [text(row) or "" for row in _run(redis, "force", name, "", "extend", _ms(seconds))]


def wait_for_turn(redis: Redis, lease_id: str, seconds: float) -> None:
    """Sleep until woken, or for so long. Which of both it was, the next `acquire` tells."""
    redis.blpop([keys.lock_wake(lease_id)], timeout=max(seconds, 0.01))


@cache
def _text(step: str) -> str:
    return f"{script('lock_base')}\n{script(f'lock_{step}')}"


@cache
def _digest(step: str) -> str:
    return hashlib.sha1(_text(step).encode(), usedforsecurity=False).hexdigest()


def _run(redis: Redis, step: str, name: str, lease_id: str, *arguments: Any) -> Any:
    names = keys.lock(name)
    call = (len(names), *names, name, lease_id, keys.LOCK_WAKE_PREFIX, *arguments)
    try:
        # By its digest, since these scripts are long and run often. A new server learns them by the first call.
        return redis.evalsha(_digest(step), *call)
    except NoScriptError:
        return redis.eval(_text(step), *call)


def _answer(rows: Sequence[Any]) -> Held | Wait | Busy:
    kind = text(rows[0])
    if kind == "held":
        return Held(token=int(rows[1]), since_ms=int(rows[2]))
    if kind == "wait":
        return Wait(nap_s=int(rows[1]) / 1000, place=int(rows[2]))
    return Busy(tuple(text(row) or "" for row in rows[1]))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

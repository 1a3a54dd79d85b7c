"""The steps of a lock, each one round trip and atomic: lua/lock_*.lua after lua/lock_base.lua."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from redis.exceptions import NoScriptError

from ..models.locks import COUNTED
from ..redis import keys
from ..redis import limits as redis_limits
from ..redis.link import Redis, first_within, pipelined, script
from ..rq.records import text
from . import limits

#: Steps whose usual case is recognised before the rest is even prepared.
_QUICK = ("acquire", "release")


class Wanted(NamedTuple):
    """What one acquisition asks for. `id` identifies it in Redis from its first step to its last."""

    name: str
    id: str
    ttl_s: float
    mode: str = COUNTED
    slots: int = 1
    #: JSON: who this is, for people.
    info: str = "{}"


#: Whoever has a lock has its token.
Token = int


@dataclass(frozen=True, slots=True)
class Wait:
    nap_s: float
    place: int


@dataclass(frozen=True, slots=True)
class Busy:
    """`holders` are records of `who` as the scripts write them."""

    holders: tuple[str, ...]


#: Of those who ask for a lock.
Answer = Token | Wait | Busy


def acquire(redis: Redis, wanted: Wanted, patience_s: float) -> Answer:
    """Take the lock, or a place in its queue when the caller waits (`patience_s`). Idempotent."""
    terms = f"{_ms(wanted.ttl_s)}|{wanted.mode}|{wanted.slots}|{wanted.info}"
    return _answer(_run(redis, "acquire", wanted.name, wanted.id, terms, _ms(patience_s)))


def leave(redis: Redis, name: str, lease_id: str, still_wanted: bool) -> Answer:
    """Leave the queue. If the lock is free at this moment it is taken, when `still_wanted`, or else goes to the
    next.
    """
    return _answer(_run(redis, "leave", name, lease_id, int(still_wanted)))


def renew(redis: Redis, leases: Sequence[tuple[Wanted, Token]]) -> list[bool]:
    """Renew these leases in one round trip. False for each that has ended; it never comes back."""
    if len(leases) == 1:
        ((one, token),) = leases
        return [bool(_run(redis, "renew", one.name, one.id, _ms(one.ttl_s), token))]
    pipeline = pipelined(redis)
    for each, token in leases:
        names = _names(each.name, each.id)
        pipeline.eval(_text("renew"), len(names), *names, each.id, _ms(each.ttl_s), token)
    return [bool(answer) for answer in pipeline.execute()]


def release(redis: Redis, name: str, lease_id: str, token: Token) -> bool:
    """Release the lock and wake the next waiter. False: the lease had ended before."""
    return bool(_run(redis, "release", name, lease_id, token))


@dataclass(frozen=True, slots=True)
class Settled:
    """The records of the leases that something was done to, and whether that is in the audit trail."""

    records: list[str]
    audited: bool


def force_release(redis: Redis, name: str, tokens: Iterable[Token], job_id: str, fields: Sequence[str]) -> Settled:
    """End these leases and move the fence on. `job_id`, `fields`: of the trail's entry, but for the state after."""
    return _force(redis, name, ("release", 0), tokens, job_id, fields)


def extend(
    redis: Redis, name: str, seconds: float, tokens: Iterable[Token], job_id: str, fields: Sequence[str]
) -> Settled:
    """Give these leases so much more time. `job_id`, `fields`: as for `force_release`."""
    return _force(redis, name, ("extend", _ms(seconds)), tokens, job_id, fields)


def _force(
    redis: Redis, name: str, what: tuple[str, int], tokens: Iterable[Token], job_id: str, fields: Sequence[str]
) -> Settled:
    meant = list(tokens)
    names = (*_names(name, ""), keys.AUDIT, keys.AUDIT_JOBS)
    said: tuple[Any, ...] = (*what, len(meant), *meant, redis_limits.AUDIT_ENTRIES, job_id, *fields)
    answer: Any = redis.eval(script("trail") + _text("force"), len(names), *names, "", *said)
    return Settled([text(row) or "" for row in answer[0]], not answer[1])


def wait_for_turn(redis: Redis, wanted: Wanted, seconds: float) -> Token | None:
    """Sleep until woken, or for `seconds`. Returns the token when the lock was granted; None: `acquire` has to be
    called again.
    """
    woken = first_within(redis, keys.lock_wake(wanted.id), max(seconds, 0.01))
    if not woken:
        return None
    token, lease = (int(each) for each in woken.split())
    return token if lease >= _ms(wanted.ttl_s) else None


@cache
def _text(step: str) -> str:
    """The script of a step, with the constants that lua/lock_base.lua expects before it."""
    constants = {
        "LOCK_PREFIX": keys.LOCK_PREFIX,
        "WAKE_PREFIX": keys.LOCK_WAKE_PREFIX,
        "LONGEST_NAP": _ms(limits.LOCK_NAP_S),
        "GRACE": _ms(limits.LOCK_GRACE_S),
        "TRUSTED": _ms(limits.LOCK_TRUSTED_S),
        "HANDOVER": _ms(limits.LOCK_HANDOVER_S),
        "AHEAD": _ms(limits.LOCK_AHEAD_S),
        "LISTED": _ms(limits.LOCK_LISTED_S),
        "PAST": limits.LOCK_PAST,
        "REGULAR": limits.LOCK_REGULAR,
        "MOST": limits.LOCK_NAMES,
        "HOUR": _ms(3_600),
        "DAY": _ms(limits.LOCK_TTL_MAX_S),
    }
    names = "\n".join(f"local {name} = {value!r}" for name, value in constants.items())
    quick = [f"lock_quick_{step}"] if step in _QUICK else []
    return "\n".join([names, *map(script, ("lock_read", *quick, "lock_base", f"lock_{step}"))])


@cache
def _digest(step: str) -> str:
    return hashlib.sha1(_text(step).encode(), usedforsecurity=False).hexdigest()


def _run(redis: Redis, step: str, name: str, lease_id: str, *arguments: Any) -> Any:
    names = _names(name, lease_id)
    # What `evalsha` does, without the half microsecond that it takes for it.
    execute: Any = redis.execute_command
    try:
        # By its digest, since these scripts are long and run often. A new server learns them by the first call.
        return execute("EVALSHA", _digest(step), len(names), *names, lease_id, *arguments)
    except NoScriptError:
        return redis.eval(_text(step), len(names), *names, lease_id, *arguments)


def _names(name: str, lease_id: str) -> tuple[str, ...]:
    """The keys that the scripts touch, except those that wake waiters: only the queue in Redis tells who is next."""
    return keys.lock(name), keys.lock_line(name), keys.LOCKS, keys.lock_wake(lease_id)


def _answer(answer: Any) -> Answer:
    if isinstance(answer, int):
        return answer
    kind, *rest = answer
    if text(kind) == "wait":
        return Wait(nap_s=rest[0] / 1000, place=rest[1])
    return Busy(tuple(text(row) or "" for row in rest[0]))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

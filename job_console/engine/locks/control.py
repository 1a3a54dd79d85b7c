"""What a viewer may see of the locks, and settle: scoped, audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from .. import audit, limits
from ..errors import BadRequest, Forbidden, NoSuchLock
from ..link import Redis, reaching_redis
from ..models import AuditEntry
from ..snapshot import server_time
from . import models, registry, steps, waitfor, wire
from .models import LockState, Who

Json = dict[str, Any]
_Person = TypeVar("_Person", models.Holder, models.Waiter, models.PastHolder)


def look(redis: Redis, site: str | None, idle: bool = False) -> Json:
    """Locks in use, with `idle` those used lately too, and who waits for whom. Two round trips and the clock."""
    with reaching_redis():
        now = server_time(redis.time())
        found = registry.read(redis, registry.find(redis, idle, site), now)
    mine = [scoped(state, site) for state in found if sees(state.name, site)]
    shown = [state for state in mine if state.holders or state.waiters or (idle and state.fence)]
    return {
        "at": wire.time(now),
        "locks": [wire.lock(state, now) for state in shown],
        "waits": wire.edges(waitfor.edges(shown)),
        "deadlocks": wire.deadlocks(waitfor.deadlocks(shown)),
    }


def show(redis: Redis, site: str | None, key: str) -> Json:
    """One lock, in use or not. Raises NoSuchLock when it was not used lately, or is not the viewer's."""
    with reaching_redis():
        now = server_time(redis.time())
        state = _find(redis, site, key, now)
    return wire.lock(scoped(state, site), now)


def sees(name: str, site: str | None) -> bool:
    return site is None or models.site_of(name) in (None, site)


def scoped(state: LockState, site: str | None) -> LockState:
    """A bench-wide lock is everybody's; who of another site has it, is not."""
    if site is None:
        return state
    return replace(
        state,
        holders=tuple(_scoped(each, site) for each in state.holders),
        waiters=tuple(_scoped(each, site) for each in state.waiters),
        past=tuple(_scoped(each, site) for each in state.past),
    )


def _scoped(person: _Person, site: str) -> _Person:
    return person if person.who.site == site else replace(person, who=Who())


def release(redis: Redis, site: str | None, actor: str, key: str, reason: str) -> Json:
    """Take it from whoever has it. Their commits and checks fail from now on, and the next in line has it."""
    if not reason:
        raise BadRequest("Say why: whoever holds the lock loses it, and what it does not commit is rolled back.")
    return _settle(redis, site, actor, "release_lock", key, reason, lambda name: steps.force_release(redis, name))


def extend(redis: Redis, site: str | None, actor: str, key: str, seconds: float, reason: str = "") -> Json:
    """Give its holders more time."""
    if not 1 <= seconds <= limits.LOCK_TTL_MAX_S:
        raise BadRequest(f"A lock is extended by 1 to {limits.LOCK_TTL_MAX_S:,.0f} s.")
    return _settle(redis, site, actor, "extend_lock", key, reason, lambda name: steps.extend(redis, name, seconds))


def _settle(
    redis: Redis, site: str | None, actor: str, action: str, key: str, reason: str, step: Callable[[str], list[str]]
) -> Json:
    if len(reason) > limits.REASON_CHARS:
        raise BadRequest(f"A reason has at most {limits.REASON_CHARS} characters.")
    with reaching_redis():
        now = server_time(redis.time())
        before = _find(redis, site, key, now)
        _may_settle(before, site)
        done = [holder for row in step(before.name) if (holder := models.holder("", row))]
        (after,) = registry.read(redis, [before.name], now)
        if not done:
            raise NoSuchLock(key)
        first = done[0].who
        entry = AuditEntry(
            actor=actor, action=action, job_id=first.job_id or "", ok=True, state_before=before.state,
            state_after=after.state, reason=reason, site=before.site or site, detail=before.name,
        )  # fmt: skip
        audit.record(redis, [entry])
    return {
        "released" if action == "release_lock" else "extended": len(done),
        "lock": wire.lock(scoped(after, site), now),
    }


def _may_settle(state: LockState, site: str | None) -> None:
    if site is not None and state.site is None and any(holder.who.site != site for holder in state.holders):
        raise Forbidden("Another site holds this lock of the whole bench; the operator console can release it.")


def _find(redis: Redis, site: str | None, key: str, now: datetime) -> LockState:
    """By its full name, or by its key alone where that names only one."""
    known = registry.find(redis, True, site)
    wanted = [name for name in known if name == key] or [name for name in known if name.partition("|")[2] == key]
    if not wanted and "|" in key and sees(key, site):
        wanted = [key]
    if len(wanted) > 1:
        raise BadRequest(f"Several locks are called {key!r}: {', '.join(wanted[:5])}.")
    states = registry.read(redis, wanted, now)
    if not states or not (states[0].fence or states[0].holders or states[0].past):
        raise NoSuchLock(key)
    return states[0]

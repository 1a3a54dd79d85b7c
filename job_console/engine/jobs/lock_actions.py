"""Locks as a viewer may see them, and their release and extension by a person; with the viewer's scope and an audit."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from ..errors import BadRequest, Forbidden, LockMoved, NoSuchLock
from ..history import audit
from ..locks import limits as locks_limits
from ..locks import models, registry, steps, waitfor, wire
from ..messages import _
from ..models.locks import LockState, site_of
from ..models.outcomes import AuditEntry
from ..progress import limits as progress_limits
from ..redis.link import Redis, reaching_redis, server_time
from . import state_change

Json = dict[str, Any]


def look(redis: Redis, site: str | None, idle: bool = False) -> Json:
    """Locks in use, with `idle` those used lately too, and who waits for whom. Two round trips and the clock."""
    with reaching_redis():
        now = server_time(redis.time())
        names, cut = registry.find(redis, idle, site)
        found = registry.read(redis, names, now)
    mine = [scoped(state, site) for state in found if sees(state.name, site)]
    shown = [state for state in mine if state.holders or state.waiters or (idle and state.fence)]
    return {
        "at": wire.time(now),
        "locks": [wire.lock(state, now) for state in shown],
        "locks_at_least": cut,
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
    return site is None or site_of(name) in (None, site)


def scoped(state: LockState, site: str | None) -> LockState:
    """The lock as a viewer of `site` may see it: of a bench-wide lock without the names of other sites."""
    return replace(
        state,
        holders=tuple(models.seen_from(site, each) for each in state.holders),
        waiters=tuple(models.seen_from(site, each) for each in state.waiters),
        past=tuple(models.seen_from(site, each) for each in state.past),
    )


def release(redis: Redis, site: str | None, actor: str, key: str, reason: str, fence: int | None = None) -> Json:
    """Take the lock from its holders, or only from the one of `fence`. Their commits and checks fail from now on, and
    the next waiter gets the lock. Raises LockMoved when they have released it meanwhile.
    """
    if not reason:
        raise BadRequest(_("Say why: whoever holds the lock loses it, and what it does not commit is rolled back."))
    return _settle(redis, site, AuditEntry(actor, "release_lock", "", True, "", "", reason), key, fence, None)


def extend(
    redis: Redis, site: str | None, actor: str, key: str, seconds: float, reason: str = "", fence: int | None = None
) -> Json:
    """Extend the leases of the holders by `seconds`."""
    if not 1 <= seconds <= locks_limits.LOCK_TTL_MAX_S:
        raise BadRequest(
            _("A lock is extended by 1 to {lock_ttl_max_s:,.0f} s.").format(lock_ttl_max_s=locks_limits.LOCK_TTL_MAX_S)
        )
    return _settle(redis, site, AuditEntry(actor, "extend_lock", "", True, "", "", reason), key, fence, seconds)


def _settle(
    redis: Redis, site: str | None, entry: AuditEntry, key: str, fence: int | None, seconds: float | None
) -> Json:
    if len(entry.reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )
    with reaching_redis():
        now = server_time(redis.time())
        before = _find(redis, site, key, now, whole=True)
        _may_settle(before, site)
        if not before.holders:
            raise NoSuchLock(key)
        # Of those whom we have seen, and asked whether they may be settled.
        meant = [holder for holder in before.holders if fence in (None, holder.token)]
        tokens, job_id = [holder.token for holder in meant], next((each.who.job_id for each in meant), None) or ""
        entry = replace(entry, job_id=job_id, state_before=before.state, site=before.site or site, detail=before.name)
        settled = (
            steps.force_release(redis, before.name, tokens, job_id, _fields(entry))
            if seconds is None
            else steps.extend(redis, before.name, seconds, tokens, job_id, _fields(entry))
        )
        done = [holder for row in settled.records if (holder := models.holder("", row))]
        if not done:
            raise LockMoved(key)
        (after,) = registry.read(redis, [before.name], now)
    return {
        "released" if seconds is None else "extended": len(done),
        "lock": wire.lock(scoped(after, site), now),
        **({} if settled.audited else {"note": state_change.NOT_AUDITED}),
    }


def _fields(entry: AuditEntry) -> tuple[str, ...]:
    """Of the trail's entry, but for the state after, which the step itself knows."""
    said = asdict(entry)
    return audit.fields(**{name: said[name] for name in said if name not in ("state_after", "at")})


def _may_settle(state: LockState, site: str | None) -> None:
    if site is not None and state.site is None and any(holder.who.site != site for holder in state.holders):
        raise Forbidden(_("Another site holds this lock of the whole bench; the operator console can release it."))


def _find(redis: Redis, site: str | None, key: str, now: datetime, whole: bool = False) -> LockState:
    """By its full name, or by its key alone where that names only one. `whole`: with all its holders."""
    known, cut = registry.find(redis, True, site)
    wanted = [name for name in known if name == key] or [name for name in known if name.partition("|")[2] == key]
    if not wanted and "|" in key and sees(key, site):
        wanted = [key]
    if cut and "|" not in key and len(wanted) < 2:
        text = _("There are too many locks to tell which are called {key!r}: name it in full, as SITE|KEY.")
        raise BadRequest(text.format(key=key))
    if len(wanted) > 1:
        raise BadRequest(_("Several locks are called {key!r}: {wanted}.").format(key=key, wanted=", ".join(wanted[:5])))
    states = registry.read(redis, wanted, now, whole)
    if not states or not (states[0].fence or states[0].holders or states[0].past):
        raise NoSuchLock(key)
    return states[0]

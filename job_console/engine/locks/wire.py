"""Locks to JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

from ..models.locks import SHARED, Holder, LockState, PastHolder, Waiter
from .waitfor import Deadlock, Edge

Json = dict[str, Any]


def lock(state: LockState, now: datetime) -> Json:
    first = state.holders[0] if state.holders else None
    expires = min((each.until for each in state.holders if each.until), default=None)
    return {
        "key": state.name,
        "site": state.site,
        "state": state.state,
        "slots": state.slots,
        "holder": _holder(first, now) if first else None,
        "holders": [_holder(each, now) for each in state.holders],
        "holders_total": state.holders_total,
        "fence": state.fence,
        "acquired_at": time(first.since) if first else None,
        "expires_in_s": _left(expires, now),
        "waiters": [_waiter(each, now) for each in state.waiters],
        "waiters_at_least": state.waiters_at_least,
        "acquired": state.acquired,
        "contended": state.contended,
        "gave_up": state.gave_up,
        "lapsed": state.lapsed,
        "forced": state.forced,
        "longest_hold_s": round(state.longest_hold_s, 3),
        "last_holders": [_past(each) for each in state.past],
    }


def edges(found: Iterable[Edge]) -> list[Json]:
    return [{**asdict(edge), "since": time(edge.since)} for edge in found]


def deadlocks(found: Iterable[Deadlock]) -> list[Json]:
    return [
        {"edges": edges(each.edges), "victim": each.victim, "lock": each.lock, "since": time(each.since)}
        for each in found
    ]


def _holder(holder: Holder, now: datetime) -> Json:
    return {
        **asdict(holder.who),
        "since": time(holder.since),
        "held_s": round(max((now - holder.since).total_seconds(), 0.0), 3),
        "token": holder.token,
        "expires_in_s": _left(holder.until, now),
        "ttl_s": holder.ttl_s,
        "shared": holder.mode == SHARED,
    }


def _waiter(waiter: Waiter, now: datetime) -> Json:
    waited = max((now - waiter.since).total_seconds(), 0.0)
    shared = waiter.mode == SHARED
    return {**asdict(waiter.who), "since": time(waiter.since), "waited_s": round(waited, 3), "shared": shared}


def _past(past: PastHolder) -> Json:
    held = max((past.ended_at - past.since).total_seconds(), 0.0)
    return {
        **asdict(past.who),
        "since": time(past.since),
        "ended_at": time(past.ended_at),
        "held_s": round(held, 3),
        "how": past.how,
        "token": past.token,
    }


def _left(until: datetime | None, now: datetime) -> float | None:
    return round(max((until - now).total_seconds(), 0.0), 3) if until else None


def time(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

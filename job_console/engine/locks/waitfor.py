"""Who waits for whom, over all locks: the graph, and the circles in it that will never end by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .models import Holder, LockState, Waiter, Who


@dataclass(frozen=True, slots=True)
class Edge:
    """`waiter` cannot go on before `holder` gives `lock` back."""

    waiter: str
    holder: str
    lock: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Deadlock:
    """Each waits for the next, and the last for the first. `victim` has held its lock for the shortest time."""

    edges: tuple[Edge, ...]
    victim: str
    #: The lock whose release lets the others go on.
    lock: str
    since: datetime


def actor(who: Who) -> str | None:
    """Whoever does one thing at a time: a job, else a process. None: who cannot be told from others."""
    if who.job_id:
        return f"job {who.job_id}"
    return f"process {who.pid} on {who.host}" if who.pid and who.host else None


def edges(locks: Iterable[LockState]) -> list[Edge]:
    found = []
    for lock in locks:
        for waiter in lock.waiters:
            for holder in lock.holders:
                waits, holds = actor(waiter.who), actor(holder.who)
                if waits and holds and not _together(waiter, holder):
                    found.append(Edge(waits, holds, lock.name, waiter.since))
    return found


def _together(waiter: Waiter, holder: Holder) -> bool:
    """Readers do not wait for readers, only for the writer before them in the line."""
    return waiter.mode == holder.mode == "s"


def deadlocks(locks: Iterable[LockState]) -> list[Deadlock]:
    """Every circle once, of those who cannot go on whatever anybody else does."""
    locks = list(locks)
    stuck = _stuck(locks)
    held_since = {(actor(holder.who), lock.name): holder.since for lock in locks for holder in lock.holders}
    after: dict[str, list[Edge]] = {}
    for edge in edges(locks):
        if edge.waiter in stuck and edge.holder in stuck:
            after.setdefault(edge.waiter, []).append(edge)
    found: dict[frozenset[tuple[str, str, str]], Deadlock] = {}
    for start in after:
        if circle := _circle(start, after):
            latest = max(circle, key=lambda edge: held_since[edge.holder, edge.lock])
            key = frozenset((edge.waiter, edge.holder, edge.lock) for edge in circle)
            found[key] = Deadlock(tuple(circle), latest.holder, latest.lock, max(edge.since for edge in circle))
    return list(found.values())


def _stuck(locks: list[LockState]) -> set[str]:
    """Of all who wait, take away who can still get what it waits for, until there is nobody left to take away."""
    waits = [(who, lock) for lock in locks for waiter in lock.waiters if (who := actor(waiter.who))]
    stuck = {who for who, _lock in waits}
    while True:
        free = {who for who, lock in waits if who in stuck and not _hopeless(lock, stuck)}
        if not free:
            return stuck
        stuck -= free


def _hopeless(lock: LockState, stuck: set[str]) -> bool:
    """A counted lock needs one of its holders to go on, one that is shared all of them."""
    holders = [actor(holder.who) in stuck for holder in lock.holders]
    return any(holders) if lock.state == "shared" else bool(holders) and all(holders)


def _circle(start: str, after: dict[str, list[Edge]]) -> list[Edge]:
    """The shortest way from `start` back to itself; [] when there is none."""
    ways: list[list[Edge]] = [[edge] for edge in after[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        at = way[-1].holder
        if at == start:
            return way
        if at not in seen:
            seen.add(at)
            ways += [[*way, edge] for edge in after.get(at, [])]
    return []

"""The wait-for graph over all locks, and its deadlocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ..models.locks import SHARED, Holder, LockState, Waiter, Who


@dataclass(frozen=True, slots=True)
class Edge:
    """`waiter` cannot go on before `holder` releases `lock`."""

    waiter: str
    holder: str
    lock: str
    since: datetime
    #: `holder` does not have the lock yet: it is before `waiter` in the queue.
    in_line: bool = False


@dataclass(frozen=True, slots=True)
class Deadlock:
    """A cycle: each waits for the next, and the last for the first. `victim` has held its lock for the shortest
    time.
    """

    edges: tuple[Edge, ...]
    victim: str
    #: The lock whose release lets the others go on.
    lock: str
    since: datetime


def actor(who: Who) -> str | None:
    """Identifies what does one thing at a time: a job, else a thread. None: it cannot be told from others."""
    if who.job_id:
        return f"job {who.job_id}"
    return f"thread {who.thread} of process {who.pid} on {who.host}" if who.thread and who.pid and who.host else None


def edges(locks: Iterable[LockState]) -> list[Edge]:
    return [edge for lock in locks for place in range(len(lock.waiters)) for edge in _edges(lock, place)]


def _edges(lock: LockState, place: int) -> Iterator[Edge]:
    waiter = lock.waiters[place]
    in_line = _shares_with_all(waiter, lock)
    for other in _before(lock, place):
        waits, holds = actor(waiter.who), actor(other.who)
        if waits and holds:
            yield Edge(waits, holds, lock.name, waiter.since, in_line)


def _before(lock: LockState, place: int) -> list[Holder] | list[Waiter]:
    """Whom this waiter waits for: the holders. A reader does not wait for readers that hold the lock, only for the
    writers before it in the queue.
    """
    waiter = lock.waiters[place]
    if _shares_with_all(waiter, lock):
        return [each for each in lock.waiters[:place] if each.mode != SHARED]
    return list(lock.holders)


def _shares_with_all(waiter: Waiter, lock: LockState) -> bool:
    return waiter.mode == SHARED and lock.state == "shared"


def deadlocks(locks: Iterable[LockState]) -> list[Deadlock]:
    """Every cycle of waiters that no other actor can resolve, each once."""
    locks = list(locks)
    stuck = _stuck(locks)
    held_since = {(actor(holder.who), lock.name): holder.since for lock in locks for holder in lock.holders}
    after: dict[str, list[Edge]] = {}
    for edge in edges(locks):
        if edge.waiter in stuck and edge.holder in stuck:
            after.setdefault(edge.waiter, []).append(edge)
    found: dict[frozenset[tuple[str, str, str]], Deadlock] = {}
    for start in after:
        circle = _circle(start, after)
        if held := [edge for edge in circle if not edge.in_line]:
            latest = max(held, key=lambda edge: held_since[edge.holder, edge.lock])
            key = frozenset((edge.waiter, edge.holder, edge.lock) for edge in circle)
            found[key] = Deadlock(tuple(circle), latest.holder, latest.lock, max(edge.since for edge in circle))
    return list(found.values())


def _stuck(locks: list[LockState]) -> set[str]:
    """The waiters that can never go on: start with all, and remove those that can still get their lock, until no more
    can be removed.
    """
    waits = [
        (who, lock, place) for lock in locks for place, waiter in enumerate(lock.waiters) if (who := actor(waiter.who))
    ]
    stuck = {who for who, _lock, _place in waits}
    while True:
        free = {who for who, lock, place in waits if who in stuck and not _hopeless(lock, place, stuck)}
        if not free:
            return stuck
        stuck -= free


def _hopeless(lock: LockState, place: int, stuck: set[str]) -> bool:
    """Whether a waiter cannot get its lock. For a counted lock one holder must go on, for a shared one all holders, and
    in any case everybody before it in the queue.
    """
    before = [actor(each.who) in stuck for each in _before(lock, place)]
    return any(before) if lock.state == "shared" else bool(before) and all(before)


def _circle(start: str, after: dict[str, list[Edge]]) -> list[Edge]:
    """The shortest cycle through `start`; [] when there is none."""
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

"""Queues and workers that are missing in RQ's own sets although other records name them: remembered for the next look.

Redis may evict `rq:queues` and `rq:workers`, people may delete them, and an older snapshot may bring back old ones.
Workers go on serving their queues; RQ writes a queue's name again only when somebody enqueues into it.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import limits


class Names:
    """One per process, bounded. Not thread-safe; additions from another thread come with the look after next."""

    def __init__(self, queue_prefix: str = "") -> None:
        self.queue_prefix = queue_prefix
        self.queues: frozenset[str] = frozenset()
        self.workers: frozenset[str] = frozenset()
        #: Lanes whose jobs a worker was seen to run, of workers whose records do not say where they listen.
        self.lanes: dict[str, frozenset[str]] = {}

    def add(self, queues: Iterable[str] = (), workers: Iterable[str] = ()) -> bool:
        """Remember these names. Returns whether any of them is new."""
        before = (self.queues, self.workers)
        ours = (name for name in queues if name and name.startswith(self.queue_prefix))
        self.queues = frozenset(sorted({*self.queues, *ours})[: limits.UNLISTED])
        self.workers = frozenset(sorted({*self.workers, *filter(None, workers)})[: limits.UNLISTED])
        return before != (self.queues, self.workers)

    def seen_in(self, worker: str, lanes: Iterable[str]) -> tuple[str, ...]:
        """Add lanes in which a worker was seen, and return all that it has been seen in."""
        known = self.lanes.get(worker, frozenset()) | {lane for lane in lanes if lane.startswith(self.queue_prefix)}
        if known and (worker in self.lanes or len(self.lanes) < limits.UNLISTED):
            self.lanes[worker] = known
        return tuple(sorted(known))

    def forget(self, queues: Iterable[str] = (), workers: Iterable[str] = ()) -> None:
        """Forget names that RQ lists again, or that no key has any more."""
        self.queues -= frozenset(queues)
        self.workers -= frozenset(workers)
        for worker in self.lanes.keys() - self.workers:
            del self.lanes[worker]

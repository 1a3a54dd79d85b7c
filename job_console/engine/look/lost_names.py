"""Queues and workers that RQ's own sets have lost, and that other records name: remembered for the next look.

`rq:queues` and `rq:workers` are keys like others: they can be evicted, deleted, or restored from an older snapshot.
Workers serve their queues all the same, and RQ writes a queue's name again only when somebody enqueues.
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
        """Whether any of them is new."""
        before = (self.queues, self.workers)
        ours = (name for name in queues if name and name.startswith(self.queue_prefix))
        self.queues = frozenset(sorted({*self.queues, *ours})[: limits.UNLISTED])
        self.workers = frozenset(sorted({*self.workers, *filter(None, workers)})[: limits.UNLISTED])
        return before != (self.queues, self.workers)

    def seen_in(self, worker: str, lanes: Iterable[str]) -> tuple[str, ...]:
        """All the lanes that it has been seen in, these too."""
        known = self.lanes.get(worker, frozenset()) | {lane for lane in lanes if lane.startswith(self.queue_prefix)}
        if known and (worker in self.lanes or len(self.lanes) < limits.UNLISTED):
            self.lanes[worker] = known
        return tuple(sorted(known))

    def forget(self, queues: Iterable[str] = (), workers: Iterable[str] = ()) -> None:
        """They are listed, or there is nothing of that name."""
        self.queues -= frozenset(queues)
        self.workers -= frozenset(workers)
        for worker in self.lanes.keys() - self.workers:
            del self.lanes[worker]

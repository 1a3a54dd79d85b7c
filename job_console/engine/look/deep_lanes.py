"""Searches for ids in queues that are too long for LPOS: one chunk a step, over as many steps as it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ..redis import keys
from ..redis.link import Redis
from ..rq.records import text
from . import limits

Tag = TypeVar("Tag")


def read_chunk(redis: Redis, queue: str, end: int) -> tuple[list[str], int]:
    """(the ids of the chunk that ends `end` places from the tail; where the chunk before it ends).

    Workers take from the head and new jobs are appended, so a walk from the tail to the head misses nothing. Chunks
    overlap, because a job that is canceled between two of them moves the ones before it.
    """
    members: Any = redis.lrange(keys.queue(queue), end - limits.LIST_CHUNK + 1, end)
    return [text(member) or "" for member in members], end - limits.LIST_CHUNK + limits.LIST_OVERLAP


@dataclass(slots=True)
class _Walk(Generic[Tag]):
    """One walk through a queue, from its tail to its head."""

    missing: dict[str, Tag]
    end: int = -1
    #: The ids of the last chunk that the next one has, too.
    edge: frozenset[str] = frozenset()
    #: Ids that were asked for after this walk had begun; the next one looks for them.
    later: dict[str, Tag] = field(default_factory=dict)


class DeepLanes(Generic[Tag]):
    """Not thread-safe. One walk looks for at most `limits.LIST_IDS` ids of a lane; further ones must be asked again."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._walks: dict[str, _Walk[Tag]] = {}
        #: Where the ids were that it has found, counted from the end of their lane: -1 is the last one. Only for who
        #: walks once and sets it.
        self.places: dict[str, int] | None = None

    @property
    def busy(self) -> bool:
        return bool(self._walks)

    @property
    def missing(self) -> int:
        """How many ids are still looked for."""
        return sum(len(walk.missing) + len(walk.later) for walk in self._walks.values())

    def look_for(self, queue: str, job_id: str, tag: Tag) -> None:
        walk = self._walks.setdefault(queue, _Walk({}))
        asked = walk.missing if walk.end == -1 else walk.later
        if job_id not in walk.missing and len(asked) < limits.LIST_IDS:
            asked[job_id] = tag

    def step(self) -> list[Tag]:
        """Read one more chunk. Returns the tags of ids that a whole walk has not found."""
        queue, walk = next(iter(self._walks.items()))
        chunk, before = read_chunk(self.redis, queue, walk.end)
        for job_id in walk.missing.keys() & set(chunk):
            del walk.missing[job_id]
            if self.places is not None:
                self.places[job_id] = walk.end - len(chunk) + 1 + chunk.index(job_id)
        if chunk and walk.missing:
            self._go_on(walk, chunk, before)
            return []
        del self._walks[queue]
        if walk.later:
            self._walks[queue] = _Walk(walk.later)  # behind the other lanes
        return list(walk.missing.values())

    def _go_on(self, walk: _Walk[Tag], chunk: list[str], before: int) -> None:
        """Where chunks do not overlap, more were canceled behind this place than that, and what has moved past it was
        not read: the walk goes back until they do, or to its beginning."""
        if walk.end == -1 or not walk.edge.isdisjoint(chunk):
            walk.end, walk.edge = before, frozenset(chunk[: limits.LIST_OVERLAP])
        else:
            walk.end = min(walk.end + limits.LIST_CHUNK - limits.LIST_OVERLAP, -1)

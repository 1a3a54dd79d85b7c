"""The row of all jobs: the lists and registries of all lanes, one after the other.

A `Segment` is one queue's jobs of one state. Pages and searches walk over segments; both read windows of ids only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..models.bench import Bench
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined
from ..rq.records import text
from .query import DEAD, Query


@dataclass(frozen=True, slots=True)
class Segment:
    queue: str
    status: str
    length: int
    #: Its members, when they are in another order than in Redis.
    members: tuple[tuple[str, float], ...] | None = None

    def ask(self, pipeline: Pipeline, start: int, count: int) -> None:
        """Queue the read of a window: queued jobs from the head, scheduled by due time, others newest first."""
        end = start + count - 1
        if self.status == "queued":
            pipeline.lrange(keys.queue(self.queue), start, end)
        elif self.status == "scheduled":
            pipeline.zrange(self.registry, start, end, withscores=True)
        else:
            pipeline.zrevrange(self.registry, start, end, withscores=True)

    @property
    def registry(self) -> str:
        return keys.dead(self.queue) if self.status == DEAD else keys.registry(self.status, self.queue)

    def entries(self, answer: Sequence[Any]) -> list[tuple[str, float | None]]:
        """(job id, score) of each member of a window; the score is None in a queue."""
        if self.status == "queued":
            return [(text(member) or "", None) for member in answer]
        pairs = [(text(member) or "", score) for member, score in answer]
        return [(keys.members(member)[0], score) for member, score in pairs] if self.status == "started" else pairs


def read(redis: Redis, parts: Iterable[tuple[Segment, int, int]]) -> list[tuple[Segment, str, float | None]]:
    """(segment, job id, score) of each member of these windows. One round trip, none for what is known."""
    parts = list(parts)
    pipeline = pipelined(redis)
    for segment, start, count in parts:
        if segment.members is None:
            segment.ask(pipeline, start, count)
    answers = iter(pipeline.execute())
    return [
        (segment, job_id, score)
        for segment, start, count in parts
        for job_id, score in (
            segment.entries(next(answers)) if segment.members is None else segment.members[start : start + count]
        )
    ]


def of(bench: Bench, query: Query) -> list[Segment]:
    """The segments that a query covers, by state and then by lane. Raises BadRequest for a queue that is not there."""
    lanes = query.lanes(bench.lanes)
    return [Segment(lane.name, status, getattr(lane.counts, status)) for status in query.statuses for lane in lanes]


def window(segments: Iterable[Segment], start: int, count: int) -> list[tuple[Segment, int, int]]:
    """Which parts of which segments make up `count` jobs from `start` on: (segment, its start, its count)."""
    parts = []
    for segment in segments:
        if count <= 0:
            break
        if start < segment.length:
            take = min(segment.length - start, count)
            parts.append((segment, start, take))
            count -= take
            start = 0
        else:
            start -= segment.length
    return parts

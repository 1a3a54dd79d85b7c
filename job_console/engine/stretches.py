"""The long row of all jobs: every lane's lists and registries, one after the other.

A `Stretch` is one queue's jobs of one state. Pages and searches walk over stretches; both read windows of ids only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from . import keys
from .errors import BadRequest
from .link import Pipeline, Redis, pipelined
from .models import Bench
from .query import DEAD, Query
from .records import text


@dataclass(frozen=True, slots=True)
class Stretch:
    queue: str
    status: str
    length: int
    #: Its members in their order, where somebody has put them in one that Redis does not keep.
    members: tuple[tuple[str, float], ...] | None = None

    def ask(self, pipeline: Pipeline, start: int, count: int) -> None:
        """Queue the read of a window: queued jobs from the head, scheduled by due time, others newest first."""
        end = start + count - 1
        if self.status == "queued":
            pipeline.lrange(keys.queue(self.queue), start, end)
        elif self.status == "scheduled":
            pipeline.zrange(keys.registry(self.status, self.queue), start, end, withscores=True)
        else:
            pipeline.zrevrange(self._registry, start, end, withscores=True)

    @property
    def _registry(self) -> str:
        return keys.dead(self.queue) if self.status == DEAD else keys.registry(self.status, self.queue)

    def entries(self, answer: Sequence[Any]) -> list[tuple[str, float | None]]:
        """(job id, score) of each member of a window; the score is None in a queue."""
        if self.status == "queued":
            return [(text(member) or "", None) for member in answer]
        pairs = [(text(member) or "", score) for member, score in answer]
        return [(keys.members(member)[0], score) for member, score in pairs] if self.status == "started" else pairs


def read(redis: Redis, parts: Iterable[tuple[Stretch, int, int]]) -> list[tuple[Stretch, str, float | None]]:
    """(stretch, job id, score) of each member of these windows. One round trip, none for what is known."""
    parts = list(parts)
    pipeline = pipelined(redis)
    for stretch, start, count in parts:
        if stretch.members is None:
            stretch.ask(pipeline, start, count)
    answers = iter(pipeline.execute())
    return [
        (stretch, job_id, score)
        for stretch, start, count in parts
        for job_id, score in (
            stretch.entries(next(answers)) if stretch.members is None else stretch.members[start : start + count]
        )
    ]


def of(bench: Bench, query: Query) -> list[Stretch]:
    """The stretches a query covers, by state and then by lane. Raises BadRequest for a queue that is not there."""
    lanes = [lane for lane in bench.lanes if query.queue in (None, "", lane.name, lane.label)]
    if query.queue and not lanes:
        raise BadRequest(f"There is no queue {query.queue!r}.")
    return [Stretch(lane.name, status, getattr(lane.counts, status)) for status in query.statuses for lane in lanes]


def window(stretches: Iterable[Stretch], start: int, count: int) -> list[tuple[Stretch, int, int]]:
    """Which part of which stretches make up `count` jobs from `start` on: (stretch, its start, its count)."""
    parts = []
    for stretch in stretches:
        if count <= 0:
            break
        if start < stretch.length:
            take = min(stretch.length - start, count)
            parts.append((stretch, start, take))
            count -= take
            start = 0
        else:
            start -= stretch.length
    return parts

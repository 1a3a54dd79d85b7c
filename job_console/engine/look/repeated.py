"""Finds the same work waiting several times: equal payloads among the first jobs of a lane.

Read between the looks, and only of lanes in which the oldest job has waited for `DUPLICATES_WAIT_S`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..models.bench import Bench, Lane, Repeated
from ..redis import keys
from ..redis.link import Redis, pipelined, script
from ..rq.records import moment, text
from . import limits
from .reader import JobReader


@dataclass(frozen=True, slots=True)
class _Group:
    queue: str
    first: str
    count: int
    of: int
    since: datetime
    digest: str


def find(redis: Redis, reader: JobReader, bench: Bench) -> tuple[Repeated, ...]:
    """Two round trips, none when nothing waits for long."""
    lanes = [lane.name for lane in bench.lanes if _worth_asking(bench, lane)]
    if not lanes:
        return ()
    pipeline, chunks = pipelined(redis), range(0, limits.REPEATED_ROWS, limits.REPEATED_CHUNK)
    for name in lanes:
        for start in chunks:
            places = (start, start + limits.REPEATED_CHUNK - 1)
            bounds = (limits.REPEATED_BYTES, limits.REPEATED_PAYLOAD_BYTES)
            pipeline.eval(script("repeated"), 1, keys.queue(name), *places, *bounds)
    answers = pipeline.execute()
    found = []
    for number, name in enumerate(lanes):
        own = answers[number * len(chunks) : (number + 1) * len(chunks)]
        found += _groups(name, [row for answer in own for row in answer])
    jobs = reader.read([group.first for group in found])
    return tuple(
        Repeated(group.queue, job, group.count, group.of, group.since, group.digest)
        for group, job in zip(found, jobs, strict=True)
        if job.status == "queued"
    )


def _worth_asking(bench: Bench, lane: Lane) -> bool:
    if lane.counts.queued < limits.DUPLICATES or lane.oldest_enqueued_at is None:
        return False
    return (bench.at - lane.oldest_enqueued_at).total_seconds() > limits.DUPLICATES_WAIT_S


def _groups(queue: str, rows: Sequence[Sequence[Any]]) -> list[_Group]:
    """Payloads that occur often enough for a warning."""
    same: dict[Any, list[Sequence[Any]]] = {}
    for row in rows:
        same.setdefault(row[1], []).append(row)
    groups = []
    for digest, members in same.items():
        since = min(filter(None, (moment(row[2]) for row in members)), default=None)
        if len(members) >= limits.DUPLICATES and since is not None:
            groups.append(_Group(queue, text(members[0][0]) or "", len(members), len(rows), since, text(digest) or ""))
    return groups

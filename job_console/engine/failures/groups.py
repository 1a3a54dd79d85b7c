"""Failures by their cause, as one viewer sees them: counted in the index, merged over lanes and sites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise
from typing import Any

from ..errors import BadRequest
from ..jobs.words import like
from ..look import limits as look_limits
from ..look.reader import JobReader
from ..messages import _
from ..models.bench import Bench, Lane
from ..models.jobs import Job
from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import from_score, text
from ..scope import Scope
from . import entries, limits

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """Empty fields match everything. `method` is a glob, or a part of the name."""

    queue: str | None = None
    method: str | None = None
    site: str | None = None
    group: str | None = None
    #: "count" or "last": what the first groups have most of.
    order: str = "count"

    def __post_init__(self) -> None:
        if self.order not in ("count", "last"):
            raise BadRequest(_("Groups are ordered by count or by last."))


@dataclass(frozen=True, slots=True)
class Part:
    """A group's jobs of one lane and site."""

    lane: str
    name: str
    kind: entries.Kind
    count: int
    first: float
    last: float

    @property
    def members(self) -> str:
        return keys.failed_of(self.lane, self.name)


@dataclass(frozen=True, slots=True)
class Group:
    parts: tuple[Part, ...]

    @property
    def kind(self) -> entries.Kind:
        """As the newest of them says it."""
        return max(self.parts, key=lambda part: part.last).kind

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def first(self) -> float:
        return min(part.first for part in self.parts)

    @property
    def last(self) -> float:
        return max(part.last for part in self.parts)


@dataclass(frozen=True, slots=True)
class Details:
    """What is told of a group besides. `trend`: how many of its jobs failed in each of the last hours, oldest first;
    `sampled`: of how many of the newest the users and documents are told."""

    trend: tuple[int, ...]
    users: tuple[tuple[str, int], ...]
    documents: tuple[tuple[str, str], ...]
    sampled: int


@dataclass(frozen=True, slots=True)
class Found:
    groups: tuple[Group, ...]
    #: Failed jobs in the registries of these lanes, of all sites; and how many of them the index knows.
    failed: int
    indexed: int
    #: Of those, the ones that tell of no failure: their records are gone.
    without_record: int


def read(redis: Redis, bench: Bench, scope: Scope, asked: Asked) -> Found:
    """All groups, in their order. Two round trips."""
    lanes = _lanes(bench, asked.queue)
    pipeline = pipelined(redis)
    for lane in lanes:
        pipeline.hgetall(keys.failed_groups(lane.name))
        pipeline.hlen(keys.failed_jobs(lane.name))
    answers = pipeline.execute()
    named = list(chain.from_iterable(_named(lane, each) for lane, each in zip(lanes, answers[::2], strict=True)))
    everything = _parts(redis, named)
    indexed = sum(answers[1::2])
    mine = [part for part in everything if _matches(part.kind, scope, asked)]
    return Found(
        tuple(_in_order(_merged(mine), asked.order)),
        sum(lane.counts.failed for lane in lanes),
        indexed,
        max(indexed - sum(part.count for part in everything), 0),
    )


def _lanes(bench: Bench, queue: str | None) -> list[Lane]:
    lanes = [lane for lane in bench.lanes if queue in (None, "", lane.name, lane.label)]
    if queue and not lanes:
        raise BadRequest(_("There is no queue {queue!r}.").format(queue=queue))
    return lanes


def _named(lane: Lane, fields: Any) -> list[tuple[str, str, entries.Kind]]:
    found = ((text(name) or "", entries.kind(value)) for name, value in fields.items())
    return [(lane.name, name, kind) for name, kind in found if kind is not None]


def _parts(redis: Redis, named: Sequence[tuple[str, str, entries.Kind]]) -> list[Part]:
    pipeline = pipelined(redis)
    for lane, name, _kind in named:
        key = keys.failed_of(lane, name)
        pipeline.zcard(key)
        pipeline.zrange(key, 0, 0, withscores=True)
        pipeline.zrange(key, -1, -1, withscores=True)
    answers = pipeline.execute()
    found = zip(named, answers[::3], answers[1::3], answers[2::3], strict=True)
    return [
        Part(lane, name, kind, count, first[0][1], last[0][1])
        for (lane, name, kind), count, first, last in found
        if count
    ]


def _matches(kind: entries.Kind, scope: Scope, asked: Asked) -> bool:
    return (
        scope.site in (None, kind.site)
        and asked.site in (None, "", kind.site)
        and asked.group in (None, "", kind.key)
        and (not asked.method or like(asked.method, kind.method))
    )


def _merged(parts: Iterable[Part]) -> list[Group]:
    by_key: dict[str, list[Part]] = {}
    for part in parts:
        by_key.setdefault(part.kind.key, []).append(part)
    return [Group(tuple(each)) for each in by_key.values()]


def _in_order(groups: Iterable[Group], order: str) -> list[Group]:
    if order == "last":
        return sorted(groups, key=lambda group: -group.last)
    return sorted(groups, key=lambda group: (-group.count, -group.last))


def details(redis: Redis, groups: Sequence[Group], now: datetime) -> list[Details]:
    """Of the groups of one page. Two round trips."""
    starts = [now.timestamp() - _HOUR_S * (limits.TREND_HOURS - hour) for hour in range(limits.TREND_HOURS + 1)]
    pipeline = pipelined(redis)
    parts = [part for group in groups for part in group.parts]
    for part in parts:
        for since, until in pairwise(starts):
            pipeline.zcount(part.members, f"({since}", until)
        pipeline.zrevrange(part.members, 0, limits.SAMPLED - 1, True)
    answers = iter(pipeline.execute())
    trends, newest = {}, {}
    for part in parts:
        trends[part] = [next(answers) for _hour in range(limits.TREND_HOURS)]
        newest[part] = [(at, part.lane, text(member) or "") for member, at in next(answers)]
    sampled = [
        sorted(chain.from_iterable(newest[part] for part in group.parts), reverse=True)[: limits.SAMPLED]
        for group in groups
    ]
    known = _entries(redis, sampled)
    return [
        _details([sum(hour) for hour in zip(*(trends[part] for part in group.parts), strict=True)], each)
        for group, each in zip(groups, known, strict=True)
    ]


def _entries(redis: Redis, sampled: Sequence[Sequence[tuple[float, str, str]]]) -> list[list[entries.Entry]]:
    pipeline = pipelined(redis)
    for rows in sampled:
        for _at, lane, job_id in rows:
            pipeline.hget(keys.failed_jobs(lane), job_id)
    answers = iter(pipeline.execute())
    return [[found for _row in rows if (found := entries.entry(next(answers)))] for rows in sampled]


def _details(trend: Sequence[int], sample: Sequence[entries.Entry]) -> Details:
    users = Counter(entry.user for entry in sample if entry.user)
    documents = dict.fromkeys(entry.document for entry in sample if entry.document)
    return Details(
        tuple(trend),
        tuple(users.most_common(limits.USERS)),
        tuple(document for document in documents if document)[: limits.DOCUMENTS],
        len(sample),
    )


def job_ids(redis: Redis, group: Group, most: int, newest_first: bool = True) -> list[str]:
    """Of at most so many of its jobs."""
    pipeline = pipelined(redis)
    for part in group.parts:
        pipeline.zrange(part.members, 0, most - 1, desc=newest_first, withscores=True)
    found = sorted(
        ((at, text(member) or "") for answer in pipeline.execute() for member, at in answer), reverse=newest_first
    )
    return list(dict.fromkeys(job_id for _at, job_id in found))[:most]


def jobs(redis: Redis, reader: JobReader, group: Group, number: int, size: int) -> list[Job]:
    """One page of its jobs, those that failed last first. Those that are not failed any more are left out."""
    if number < 1 or not 1 <= size <= look_limits.PAGE_SIZE_MAX or number * size > limits.GROUP_JOBS:
        raise BadRequest(
            _("Pages count from 1, hold 1 to {page_size_max} jobs, and end with the {jobs:,} that failed last.").format(
                page_size_max=look_limits.PAGE_SIZE_MAX, jobs=limits.GROUP_JOBS
            )
        )
    ids = job_ids(redis, group, number * size)[(number - 1) * size :]
    return [job for job in reader.read(ids) if job.status == "failed"]


def moment(score: float) -> datetime | None:
    return from_score(score)

"""Marks: what was changed on a bench and when (a deploy, a policy, workers, Redis), so that charts and incidents can
say what came before.

Sweeps write them, by comparing what they saw last with what they see (`mark_changes`); no job and no request does.
What is of one site stands in a sorted set of its own, so that no other site reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined
from . import limits

WORKERS = ("workers_started", "workers_stopped")
#: Every kind, those first that explain most: a deploy rather than the workers that it restarted.
KINDS = (
    "apps",
    "migrated",
    "configuration",
    "policies",
    "redis",
    "maintenance_on",
    "maintenance_off",
    "scheduler_off",
    "scheduler_on",
    "suspended",
    "resumed",
    "queues_paused",
    "queues_resumed",
    *WORKERS,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """`names`: what was changed, one text each. `since`: when it was not yet so, where sweeps were away between."""

    at: float
    kind: str
    site: str | None = None
    names: tuple[str, ...] = ()
    count: int = 0
    since: float | None = None


def write(pipeline: Pipeline, queue_prefix: str, marks: Iterable[Mark], now: float) -> None:
    """Queue these. Whoever writes the same one again within its minute changes nothing."""
    for mark in marks:
        key, most = _place(queue_prefix, mark)
        pipeline.zadd(key, {_packed(mark): round(mark.at)})
        pipeline.zremrangebyrank(key, 0, -most - 1)
        pipeline.zremrangebyscore(key, "-inf", now - limits.MARKS_KEPT_S)
        pipeline.expire(key, limits.MARKS_KEPT_S)


def read(redis: Redis, queue_prefix: str, sites: Iterable[str], since: float, until: float) -> list[Mark]:
    """Those of the bench and of these sites in this time, by their time. One round trip."""
    of_bench = [(keys.marks(queue_prefix), None), (keys.marks_of_workers(queue_prefix), None)]
    places = [*of_bench, *((keys.marks(queue_prefix, site), site) for site in sites)]
    pipeline = pipelined(redis)
    for key, _site in places:
        pipeline.zrangebyscore(key, since, f"({until}", withscores=True)
    answers: list[Any] = pipeline.execute()
    found = [
        mark
        for (_key, site), answer in zip(places, answers, strict=True)
        for member, score in answer
        if (mark := _unpacked(member, float(score), site))
    ]
    return sorted(found, key=lambda mark: (mark.at, mark.site or ""))


def telling(marks: Sequence[Mark], most: int = limits.MARKS_TOLD) -> list[Mark]:
    """Of too many those that tell most, and of these the newest; by their time."""
    best = sorted(marks, key=lambda mark: (KINDS.index(mark.kind), -mark.at))[:most]
    return sorted(best, key=lambda mark: mark.at)


def before(marks: Iterable[Mark], at: float) -> Mark | None:
    """What was changed shortly before this and explains it best. None: nothing was."""
    lately = [mark for mark in marks if 0 <= at - mark.at <= limits.MARK_BEFORE_S]
    return min(lately, key=lambda mark: (KINDS.index(mark.kind), at - mark.at), default=None)


def _place(queue_prefix: str, mark: Mark) -> tuple[str, int]:
    if mark.site:
        return keys.marks(queue_prefix, mark.site), limits.MARKS_OF_SITE
    if mark.kind in WORKERS:
        return keys.marks_of_workers(queue_prefix), limits.MARKS_OF_WORKERS
    return keys.marks(queue_prefix), limits.MARKS


def _packed(mark: Mark) -> str:
    minute = round(mark.at) // 60
    since = None if mark.since is None else round(mark.since)
    return json.dumps([minute, mark.kind, list(mark.names), mark.count, since], separators=(",", ":"))


def _unpacked(member: Any, at: float, site: str | None) -> Mark | None:
    """None: not one of ours."""
    try:
        _minute, kind, names, count, since = json.loads(member)
        if kind not in KINDS:
            return None
        gap = None if since is None else float(since)
        return Mark(at, kind, site, tuple(str(name) for name in names), int(count), gap)
    except (ValueError, TypeError):
        return None

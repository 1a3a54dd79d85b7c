"""Hours and days that are over, put away: of the whole bench in Redis, of a site in its own database.

A *part* is one life of a live hash: it was born, counted, and was lost with its Redis, or not. What is put away of an
hour is the sum of its parts, and of each part the state with most runs. So whoever puts away the same hour twice, or
again after Redis was emptied, counts nothing twice, and what had been put away before is not lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..redis import keys
from ..redis.link import Redis, pipelined
from . import limits, rows
from .rows import ALL, Lanes, Rows
from .statistics import BORN

HOUR_S, DAY_S = 3600, 86_400
SECONDS = {"minute": 60, "hour": HOUR_S, "day": DAY_S}
KEPT_S = {"hour": limits.HOURS_KEPT_S, "day": limits.DAYS_KEPT_S}
#: What is kept of a bucket, each by itself: a chart needs the least of them.
TOTAL, COST, METHODS, GAUGES = "total", "cost", "methods", "gauges"
#: The same of sites, in the bench's archive.
SITES, COST_OF_SITES = "sites", "site_cost"
Parts = Mapping[str, Rows]


class Archive(Protocol):
    """Where the hours and days of a bench or a site are put away."""

    def read(self, period: str, starts: Sequence[int], what: str) -> Mapping[int, Rows]:
        """What of these is there."""

    def parts(self, starts: Sequence[int]) -> Mapping[int, Parts]:
        """Of hours that may still change. Nothing where all lives of a hash end with the archive's."""


def live(
    redis: Redis, period: str, starts: Sequence[int], site: str | None, brief: bool = False
) -> dict[int, tuple[str, Rows]]:
    """What is counted of these now, by method: their births and their rows. One round trip."""
    pipeline = pipelined(redis)
    for start in starts:
        pipeline.hgetall(keys.statistics_of(period, start, site) if site else keys.statistics(period, start))
    found: dict[int, tuple[str, Rows]] = {}
    for start, fields in zip(starts, pipeline.execute(), strict=True):
        born = fields.pop(BORN.encode(), b"").decode("ascii", "replace")
        found[start] = (
            born,
            {name.decode("utf-8", "replace"): rows.parsed(value, brief) for name, value in fields.items()},
        )
    return found


def live_sites(
    redis: Redis, period: str, starts: Sequence[int], site: str | None = None, brief: bool = False
) -> dict[int, Rows]:
    """The totals of each site, or of one of them. One round trip."""
    pipeline = pipelined(redis)
    for start in starts:
        key = keys.totals(period, start)
        pipeline.hget(key, site) if site else pipeline.hgetall(key)
    answers = pipeline.execute()
    if site:
        return {start: {site: rows.parsed(value, brief)} for start, value in zip(starts, answers, strict=True)}
    return {
        start: {name.decode("utf-8", "replace"): rows.parsed(value, brief) for name, value in fields.items()}
        for start, fields in zip(starts, answers, strict=True)
    }


def with_part(parts: Parts, born: str, counted: Rows) -> Parts:
    """The parts of an hour with what is counted now. A hash may come back as it was some minutes ago: the fuller state
    of one life stays."""
    if not counted or rows.runs(parts.get(born, {})) >= rows.runs(counted):
        return parts
    return {**parts, born: counted}


def whole(parts: Parts) -> Rows:
    return next(iter(parts.values())) if len(parts) == 1 else rows.merged(parts.values())


class BenchArchive:
    """Of all sites together, in the bench's Redis: it is lost with it."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis

    def read(self, period: str, starts: Sequence[int], what: str) -> dict[int, Rows]:
        """One round trip."""
        pipeline = pipelined(self.redis)
        for start in starts:
            if what == SITES:
                pipeline.hgetall(keys.history_of_sites(period, start))
            else:
                pipeline.hget(keys.history(period, start), what)
        answers: list[Any] = pipeline.execute()
        pairs = ((start, answer) for start, answer in zip(starts, answers, strict=True) if answer)
        if what != SITES:
            return {start: rows.unpack(answer) for start, answer in pairs}
        return {
            start: {name.decode("utf-8", "replace"): rows.unpack(value).get(ALL, {}) for name, value in answer.items()}
            for start, answer in pairs
        }

    def of_site(self, period: str, starts: Sequence[int], site: str) -> dict[int, Lanes]:
        """The totals of one site. One round trip."""
        pipeline = pipelined(self.redis)
        for start in starts:
            pipeline.hget(keys.history_of_sites(period, start), site)
        answers = zip(starts, pipeline.execute(), strict=True)
        return {start: rows.unpack(answer).get(ALL, {}) for start, answer in answers if answer}

    def parts(self, starts: Sequence[int]) -> dict[int, Parts]:
        return {}

    def missing(self, period: str, starts: Sequence[int]) -> list[int]:
        """Those that are not put away. One round trip."""
        pipeline = pipelined(self.redis)
        for start in starts:
            pipeline.hexists(keys.history(period, start), TOTAL)
        return [start for start, is_there in zip(starts, pipeline.execute(), strict=True) if not is_there]

    def put(self, period: str, buckets: Mapping[int, Rows], sites: Mapping[int, Rows]) -> None:
        """Write these; what is there of them already is written anew. One round trip."""
        pipeline = pipelined(self.redis)
        for start, methods in buckets.items():
            packed = {
                TOTAL: rows.pack(rows.together(methods)),
                COST: rows.pack(rows.without_histograms(rows.cut(methods))),
                METHODS: rows.pack(rows.cut(methods), many=True),
                COST_OF_SITES: rows.pack(rows.without_histograms(sites.get(start, {}))),
            }
            _put(pipeline, keys.history(period, start), packed, KEPT_S[period])
            by_site = {site: rows.pack({ALL: lanes}) for site, lanes in sites.get(start, {}).items()}
            if by_site:
                _put(pipeline, keys.history_of_sites(period, start), by_site, KEPT_S[period])
        pipeline.execute()


def _put(pipeline: Any, key: str, fields: Mapping[str, bytes], ttl: int) -> None:
    pipeline.hset(key, mapping=fields)
    pipeline.expire(key, ttl)


def hours_of(day: int) -> list[int]:
    return list(range(day, day + DAY_S, HOUR_S))


def days_over(now: float) -> list[int]:
    """Days of which no hour changes any more, back to those whose hours nobody puts away any more."""
    today = int(now - limits.RECENT_HOURS * HOUR_S) // DAY_S * DAY_S
    return [today - number * DAY_S for number in range(1, limits.HOURS_BACK * HOUR_S // DAY_S + 2)]


def sum_of(buckets: Iterable[Rows]) -> Rows:
    return rows.cut(rows.merged(buckets))

"""Reads what was counted in any minutes, hours and days: what is put away, and what is still counted in Redis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..redis.link import Redis
from . import archive, gauges, limits, rows
from .archive import COST, COST_OF_SITES, DAY_S, GAUGES, HOUR_S, SITES, TOTAL, Archive, BenchArchive, Parts
from .gauges import Sample
from .rows import ALL, Rows


class SiteOfBench:
    """One site, as the bench's archive knows it: its totals, and nothing of its methods."""

    def __init__(self, bench: BenchArchive, site: str) -> None:
        self._bench = bench
        self._site = site

    def read(self, period: str, starts: Sequence[int], what: str) -> dict[int, Rows]:
        if what not in (TOTAL, SITES):
            return {}
        name = ALL if what == TOTAL else self._site
        found = self._bench.of_site(period, starts, self._site)
        return {start: {name: lanes} for start, lanes in found.items()}

    def parts(self, starts: Sequence[int]) -> dict[int, Parts]:
        return {}


class HistoryReader:
    """Of one viewer: of one site (`site`), or of the whole bench."""

    def __init__(self, redis: Redis, kept: Archive, site: str | None, now: float) -> None:
        self.redis = redis
        self.kept = kept
        self.site = site
        self._recent = (int(now) // HOUR_S - limits.RECENT_HOURS) * HOUR_S
        #: No live hash is as old as this.
        self._lost = now - {period: ttl for period, _seconds, ttl, _most in limits.STATISTICS}["hour"]
        #: Nor any sample.
        self._unseen = now - limits.GAUGES_TTL_S - HOUR_S

    def rows(self, period: str, starts: Sequence[int], what: str) -> Mapping[int, Rows]:
        """`what`: one of `archive`'s TOTAL, COST, METHODS, SITES and COST_OF_SITES."""
        if period == "minute":
            return self._live(period, starts, what)
        if period == "day":
            return self._days(starts, what)
        settled = [start for start in starts if start < self._recent]
        found = dict(self.kept.read(period, settled, what)) if settled else {}
        still = [start for start in starts if start not in found and start > self._lost]
        return {**found, **self._live(period, still, what)}

    def _days(self, starts: Sequence[int], what: str) -> Mapping[int, Rows]:
        found = dict(self.kept.read("day", starts, what))
        missing = [day for day in starts if day not in found and day + DAY_S > self._lost]
        hours = self.rows("hour", [hour for day in missing for hour in archive.hours_of(day)], what)
        for day in missing:
            found[day] = rows.merged(hours[hour] for hour in archive.hours_of(day) if hour in hours)
        return found

    def _live(self, period: str, starts: Sequence[int], what: str) -> Mapping[int, Rows]:
        if not starts:
            return {}
        # A site may be one of too many to be among the totals of an hour.
        if what in (SITES, COST_OF_SITES) or (what == TOTAL and (period == "minute" or self.site is None)):
            sites = archive.live_sites(self.redis, period, starts, self.site, brief=what == COST_OF_SITES)
            return {start: rows.together(found) for start, found in sites.items()} if what == TOTAL else sites
        parts = self.kept.parts(starts) if period == "hour" else {}
        # A part that is compared with others is read whole.
        brief = what == COST and not parts
        found: dict[int, Rows] = {}
        for start, (born, counted) in archive.live(self.redis, period, starts, self.site, brief).items():
            methods = archive.whole(archive.with_part(parts.get(start, {}), born, counted) or {born: {}})
            found[start] = rows.together(methods) if what == TOTAL else methods
        return found

    def samples(self, queue_prefix: str, period: str, starts: Sequence[int]) -> dict[int, Sample]:
        """What the bench looked like, by the bucket."""
        if period == "minute":
            hours = sorted({start // HOUR_S * HOUR_S for start in starts})
            found = gauges.read(self.redis, queue_prefix, hours)
            return {start: found[start] for start in starts if start in found}
        read = self.kept.read(period, starts, f"{GAUGES}:{queue_prefix}")
        kept = {start: sample for start, row in read.items() if (sample := _sample(row))}
        missing = [start for start in starts if start not in kept and start > self._lost]
        if period == "day":
            finer = self.samples(queue_prefix, "hour", [hour for day in missing for hour in archive.hours_of(day)])
        else:
            finer = gauges.read(self.redis, queue_prefix, [hour for hour in missing if hour > self._unseen])
        return {**kept, **_by(period, finer)}


def put_gauges(sample: Sample) -> Rows:
    """As rows, so that an archive keeps it as it keeps the others."""
    return {ALL: {ALL: gauges.packed(sample)}}


def _sample(row: Rows) -> Sample | None:
    value = row.get(ALL, {}).get(ALL)
    return gauges.unpacked(value) if isinstance(value, str) else None


def _by(period: str, minutes: Mapping[int, Sample]) -> dict[int, Sample]:
    several: dict[int, list[Sample]] = {}
    seconds = archive.SECONDS[period]
    for minute, sample in minutes.items():
        several.setdefault(minute // seconds * seconds, []).append(sample)
    return {start: found for start, each in several.items() if (found := gauges.summary(each))}

"""Reads what the last half hour was like and what is usual at such an hour (`history.baselines`), between the looks.

Once a minute a round trip or two: the minutes that it does not know yet, samples of lanes, and which sites run what is
unusual. Once an hour, three more: the hours to compare with. No history, or no right to read it: nothing is unusual.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone

from ..history import archive, baselines, gauges, limits, rows, statistics
from ..history.archive import DAY_S, HOUR_S, BenchArchive
from ..history.reader import HistoryReader
from ..history.rows import Rows
from ..models.bench import Bench, FailedRun
from ..models.lately import LaneLately, Lately, MethodLately, Past, ScheduleLately
from ..redis import keys
from ..redis.link import Redis, if_allowed, pipelined
from ..rq.records import text
from . import limits as look_limits

_MINUTE_S = 60
#: Minutes that may still change.
_OPEN_S = 180


class Unusual:
    """One per process. Not thread-safe: read by the cache of looks."""

    def __init__(self, redis: Redis, queue_prefix: str = "") -> None:
        self.redis = redis
        self.queue_prefix = queue_prefix
        self._minutes: dict[int, Rows] = {}
        self._kinds: dict[str, list[int]] = {}
        self._hours: Mapping[int, Rows] = {}
        self._days: Mapping[int, Rows] = {}
        self._pasts: dict[str, baselines.Pasts] = {}
        self._deepest: dict[str, tuple[Past, ...]] = {}
        self._lately = Lately()
        self._read_at = float("-inf")

    def read(self, bench: Bench, failed: Iterable[FailedRun]) -> Lately:
        """Asked as often as one likes; read again once in a minute."""
        now = bench.at.timestamp()
        if not 0 <= now - self._read_at < look_limits.LATELY_TTL_S:
            self._lately = if_allowed(lambda: self._read(bench, now)) or Lately()
            self._read_at = now
        return replace(self._lately, schedules=self._schedules(bench, failed))

    def _read(self, bench: Bench, now: float) -> Lately:
        kinds = baselines.pasts(now)
        if kinds != self._kinds:
            self._read_past(kinds, now)
        until = int(now) // _MINUTE_S * _MINUTE_S
        wanted = range(until - limits.LATELY_S + _MINUTE_S, until + 1, _MINUTE_S)
        known = {start: self._minutes[start] for start in wanted if start in self._minutes and start < until - _OPEN_S}
        read = archive.live(self.redis, "minute", [start for start in wanted if start not in known], None)
        self._minutes = {**known, **{start: found for start, (_born, found) in read.items()}}
        methods = baselines.lately(self._minutes.values(), self._pasts_of, self.queue_prefix)
        return Lately(tuple(self._with_sites(methods, now)), tuple(self._lanes(bench, now)))

    def _read_past(self, kinds: dict[str, list[int]], now: float) -> None:
        """What is usual at this hour, and how runs of the last weeks ended."""
        kept = BenchArchive(self.redis)
        reader = HistoryReader(self.redis, kept, None, now)
        starts = sorted({start for each in kinds.values() for start in each})
        today = int(now) // DAY_S * DAY_S
        self._hours = kept.read("hour", starts, archive.METHODS)
        self._days = kept.read("day", [today - n * DAY_S for n in range(1, limits.SCHEDULE_DAYS + 1)], archive.COST)
        samples = reader.samples(self.queue_prefix, "hour", starts)
        lanes = {lane for sample in samples.values() for lane in sample.lanes}
        self._deepest = {}
        for lane in lanes:
            found = [
                baselines.past(kind, [samples[at].lanes[lane][0] for at in each if lane in _lanes_at(samples, at)])
                for kind, each in kinds.items()
            ]
            self._deepest[lane] = tuple(each for each in found if each)
        self._kinds, self._pasts = kinds, {}

    def _pasts_of(self, method: str) -> baselines.Pasts:
        if method not in self._pasts:
            self._pasts[method] = baselines.pasts_of(method, self._hours, self._kinds, self.queue_prefix)
        return self._pasts[method]

    def _with_sites(self, methods: Iterable[MethodLately], now: float) -> list[MethodLately]:
        """Those that are unusual, with the sites that have run them in this hour or the last. No round trip when
        nothing is.
        """
        odd = [each for each in methods if baselines.slower(each) or baselines.fails_more(each)]
        if not odd:
            return []
        hours = [int(now) // HOUR_S * HOUR_S - n * HOUR_S for n in range(2)]
        pipeline = pipelined(self.redis)
        for hour in hours:
            pipeline.hkeys(keys.totals("hour", hour))
        sites = sorted({text(site) or "" for answer in pipeline.execute() for site in answer})
        asked = [(site, hour) for site in sites for hour in hours]
        pipeline = pipelined(self.redis)
        names = [each.method for each in odd]
        for site, hour in asked:
            pipeline.hmget(keys.statistics_of("hour", hour, site), names)
        answers = pipeline.execute()
        ran: dict[str, set[str]] = {}
        for (site, _hour), answer in zip(asked, answers, strict=True):
            for name, value in zip(names, answer, strict=True):
                if value is not None:
                    ran.setdefault(name, set()).add(site)
        return [replace(each, sites=tuple(sorted(ran.get(each.method, ())))) for each in odd]

    def _lanes(self, bench: Bench, now: float) -> Iterable[LaneLately]:
        samples = gauges.read(self.redis, self.queue_prefix, [int(now) // HOUR_S * HOUR_S - n * HOUR_S for n in (1, 0)])
        since = now - limits.LATELY_S
        for lane in bench.lanes:
            depths = tuple(
                (datetime.fromtimestamp(at, timezone.utc), sample.lanes[lane.name][0])
                for at, sample in sorted(samples.items())
                if since <= at <= now and lane.name in sample.lanes
            )
            if lane.name in self._deepest and depths:
                yield LaneLately(lane.name, depths, self._deepest[lane.name])

    def _schedules(self, bench: Bench, failed: Iterable[FailedRun]) -> tuple[ScheduleLately, ...]:
        """Scheduled methods that have failed, and not ended well since. No round trip when none has."""
        newest: dict[tuple[str | None, str], FailedRun] = {}
        for run in failed:
            if run.scheduled and run.site and self._days:
                known = newest.get((run.site, run.method))
                newest[run.site, run.method] = run if known is None or run.at > known.at else known
        if not newest:
            return ()
        well = if_allowed(lambda: statistics.succeeded_at(self.redis, newest, bench.at, HOUR_S)) or {}
        return tuple(
            ScheduleLately(
                run.site or "",
                run.method,
                run.job_id,
                run.queue,
                run.at,
                run.type,
                run.message,
                *self._ended(run.method),
            )
            for whose, run in newest.items()
            if whose not in well or well[whose] < run.at
        )

    def _ended(self, method: str) -> tuple[int, int, int]:
        """Of the last weeks: how many runs of it ended well and how many failed, on how many days."""
        well = failed = days = 0
        for found in self._days.values():
            counted = [rows.counters(value) for value in found.get(method, {}).values()]
            well += sum(each.get("k", 0) for each in counted)
            failed += sum(each.get("f", 0) + each.get("t", 0) for each in counted)
            days += bool(counted)
        return well, failed, days


def _lanes_at(samples: Mapping[int, gauges.Sample], start: int) -> Mapping[str, object]:
    return samples[start].lanes if start in samples else {}

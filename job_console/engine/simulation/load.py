"""The load of a bench out of its history: how many runs of what came in each hour, how long they take, how they wait.

Hours say how many runs of a method ended, days how long its runs took; of the busiest of the last 24 hours minutes say
in what bursts they come. A run that ended in an hour is taken to have come its method's mean run and waiting earlier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TypeAlias

from ..history import archive, narrow, rows, series
from ..history.archive import DAY_S, HOUR_S
from ..history.reader import HistoryReader
from ..history.statistics import OTHERS
from . import bursts, limits

#: (method, lane)
Key: TypeAlias = tuple[str, str]
Histogram: TypeAlias = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """Runs of one method that were recorded in one queue."""

    method: str
    lane: str
    runs: int
    #: How long they take: seconds, and how many runs took no longer than each.
    seconds: tuple[float, ...]
    at_most: tuple[int, ...]
    #: From its coming to its end, on average.
    lasts_s: float
    #: How many come at once, on average, as minutes tell; None: they do not.
    burst: float | None = None
    #: How many come in an hour, on average.
    an_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class Load:
    kinds: Mapping[Key, Kind]
    #: The recorded days, the oldest first; each the beginnings of its 24 hours.
    days: tuple[tuple[int, ...], ...]
    #: What came in each hour.
    counts: Mapping[int, Mapping[Key, int]]
    #: How long jobs waited, by hour and lane: histograms.
    waits: Mapping[int, Mapping[str, Histogram]]
    #: How long a horse takes to start, from the quick to the slow.
    start_s: tuple[float, ...] = (limits.START_S,)
    #: Workers that were there on average; None: nobody looked.
    workers: float | None = None

    @property
    def lanes(self) -> list[str]:
        return sorted({lane for _method, lane in self.kinds})

    @property
    def after_s(self) -> float:
        return limits.AFTER_SHARE * self.start_s[len(self.start_s) // 2]

    def jobs(self, hours: Sequence[int]) -> int:
        return sum(sum(self.counts[hour].values()) for hour in hours if hour in self.counts)

    def waited(self, lane: str, hours: Sequence[int]) -> Histogram:
        total: Counter[int] = Counter()
        for hour in hours:
            total.update(self.waits.get(hour, {}).get(lane, {}))
        return total


@dataclass(slots=True)
class _Found:
    counts: dict[int, dict[Key, int]] = field(default_factory=dict)
    waits: dict[int, dict[str, dict[int, int]]] = field(default_factory=dict)
    work_s: dict[int, float] = field(default_factory=dict)


def read(reader: HistoryReader, prefix: str, now: float) -> Load:
    """Of the last four weeks, of this bench's lanes. Seven round trips at most."""
    last = int(now) // HOUR_S * HOUR_S
    hours = list(range(last - limits.DAYS_BACK * DAY_S, last, HOUR_S))
    found = _hours(reader, prefix, hours)
    since = min(found.counts, default=last)
    touched = range(since // DAY_S * DAY_S, last + DAY_S, DAY_S)
    merged = rows.merged(reader.rows("day", list(touched), archive.METHODS).values())
    kinds = _kinds(merged, prefix)
    minutes = reader.rows("minute", list(range(last - DAY_S, last, 60)), archive.METHODS)
    kinds = bursts.with_bursts(kinds, found.counts, minutes)
    samples = reader.samples(prefix, "day", list(touched)).values()
    return made(
        kinds,
        found.counts,
        found.waits,
        found.work_s,
        (since, last),
        sum(each.workers for each in samples) / len(samples) if samples else None,
    )


def made(
    kinds: Mapping[Key, Kind],
    counts: Mapping[int, Mapping[Key, int]],
    waits: Mapping[int, Mapping[str, Histogram]],
    work_s: Mapping[int, float],
    known: tuple[int, int],
    workers: float | None = None,
) -> Load:
    """`known`: from when to when anything is."""
    keyed = {hour: _by_kind(kinds, each) for hour, each in sorted(counts.items())}
    days = _days(keyed, *known)
    hours = max((known[1] - known[0]) / HOUR_S, 1.0)
    came: Counter[Key] = Counter()
    for each in keyed.values():
        came.update(each)
    kinds = {key: replace(kind, an_hour=came[key] / hours) for key, kind in kinds.items()}
    return Load(kinds, days, keyed, waits, _starts(waits, work_s), workers)


def _hours(reader: HistoryReader, prefix: str, hours: Sequence[int]) -> _Found:
    found = _Found()
    for hour, methods in reader.rows("hour", hours, archive.COST).items():
        for method, lane, counters in _each(methods, prefix):
            found.counts.setdefault(hour, {})[method, lane] = _runs(counters)
            found.work_s[hour] = found.work_s.get(hour, 0.0) + counters.get("s", 0) / 1000
    for hour, total in reader.rows("hour", hours, archive.TOTAL).items():
        for _all, lane, counters in _each(total, prefix):
            (found.waits.setdefault(hour, {})[lane],) = series.histograms([counters], "W")
    return found


def _each(found: rows.Rows, prefix: str) -> Iterator[tuple[str, str, Mapping[str, int]]]:
    for method, lanes in found.items():
        for lane, value in lanes.items():
            if lane.startswith(prefix):
                yield method, lane, rows.counters(value)


def _runs(counters: Mapping[str, int]) -> int:
    return sum(counters.get(outcome, 0) for outcome in ("k", "f", "t"))


def _kinds(merged: rows.Rows, prefix: str) -> dict[Key, Kind]:
    found = {}
    for method, lane, counters in _each(merged, prefix):
        if _runs(counters):
            found[method, lane] = kind_of(method, lane, counters)
    return found


def kind_of(method: str, lane: str, counters: Mapping[str, int]) -> Kind:
    """Those that failed took together what is left of the whole."""
    ran, waited = series.histograms([counters, counters], "R")[0], series.histograms([counters], "W")[0]
    pairs = [(narrow.middle(number), count) for number, count in sorted(ran.items())]
    well_s, well = sum(seconds * count for seconds, count in pairs), sum(count for _seconds, count in pairs)
    whole_s = max(counters.get("s", 0) / 1000, well_s)
    unwell = _runs(counters) - well
    if unwell > 0:
        pairs = sorted([*pairs, ((whole_s - well_s) / unwell, unwell)])
    runs = well + max(unwell, 0)
    waits = sum(narrow.middle(number) * count for number, count in waited.items()) / max(sum(waited.values()), 1)
    return Kind(
        method,
        lane,
        runs,
        tuple(seconds for seconds, _count in pairs),
        tuple(accumulate(count for _seconds, count in pairs)),
        sum(seconds * count for seconds, count in pairs) / max(runs, 1) + waits,
    )


def _by_kind(kinds: Mapping[Key, Kind], counts: Mapping[Key, int]) -> dict[Key, int]:
    """A method that cost little is one of the others in its day, or the other way about."""
    found: dict[Key, int] = {}
    for (method, lane), count in counts.items():
        key = (method, lane)
        if key not in kinds:
            same = [each for each in kinds.values() if each.lane == lane]
            if not same:
                continue
            key = (OTHERS, lane) if (OTHERS, lane) in kinds else (max(same, key=lambda each: each.runs).method, lane)
        found[key] = found.get(key, 0) + count
    return found


def _days(counts: Mapping[int, Mapping[Key, int]], since: int, until: int) -> tuple[tuple[int, ...], ...]:
    """Whole days in a row, cut at the hour of the day at which least comes: there the queues are empty at most."""
    by_hour: Counter[int] = Counter(dict.fromkeys(range(24), 0))
    for start, each in counts.items():
        by_hour[start // HOUR_S % 24] += sum(each.values())
    end = until
    if until - since >= 3 * DAY_S:
        quiet = min(by_hour, key=lambda hour: (by_hour[hour], hour))
        end = until - (until // HOUR_S - quiet) % 24 * HOUR_S
    days = []
    while end - DAY_S >= since:
        hours = tuple(range(end - DAY_S, end, HOUR_S))
        if any(hour in counts for hour in hours):
            days.append(hours)
        end -= DAY_S
    return tuple(reversed(days))


def _starts(waits: Mapping[int, Mapping[str, Histogram]], work_s: Mapping[int, float]) -> tuple[float, ...]:
    """How jobs waited in the quietest third of the hours, without those that had to wait for a worker."""
    quiet = sorted(waits, key=lambda hour: work_s.get(hour, 0.0))[: -(-len(waits) // 3)]
    total: Counter[int] = Counter()
    for hour in quiet:
        for histogram in waits[hour].values():
            total.update(histogram)
    (low,) = narrow.percentiles(total, (0.25,))
    if low is None:
        return (limits.START_S,)
    kept = {number: count for number, count in total.items() if narrow.middle(number) <= 5 * low}
    shares = [(each + 0.5) / 40 for each in range(40)]
    return tuple(each or limits.START_S for each in narrow.percentiles(kept, shares))

"""A week beside the week before it: what failed most, what grew, and how long jobs waited.

Of whole days (UTC), so that the two are of one length; the running day is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import archive, narrow, rows, series
from .archive import DAY_S
from .reader import HistoryReader
from .statistics import OTHERS

DAYS = 7
#: Rows of a table.
MOST = 10
#: A method that took less of the workers' time than this has not grown, however many times it is.
GROWN_BY_S = 600.0


@dataclass(frozen=True, slots=True)
class Total:
    """Of runs that ended: how many, how many of them failed or timed out, and how long they kept workers busy."""

    runs: int = 0
    failed: int = 0
    timed_out: int = 0
    worker_s: float = 0.0

    @property
    def mean_s(self) -> float:
        return self.worker_s / self.runs if self.runs else 0.0

    @property
    def unwell(self) -> int:
        return self.failed + self.timed_out

    def __add__(self, other: Total) -> Total:
        return Total(
            self.runs + other.runs,
            self.failed + other.failed,
            self.timed_out + other.timed_out,
            self.worker_s + other.worker_s,
        )


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    now: Total
    before: Total
    #: This week, by the lane.
    lanes: Mapping[str, Total] = field(default_factory=dict)

    @property
    def grown_s(self) -> float:
        return self.now.worker_s - self.before.worker_s


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    now: Total
    #: How long its jobs waited: the percentiles of `series.SHARES`, in seconds; None where nothing ran.
    wait: Mapping[str, float | None]
    wait_before: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Report:
    since: int
    until: int
    #: In how many days of each week anything was counted.
    days: int
    days_before: int
    #: Methods are known of as much of both weeks that they can be compared: of one site the bench forgets them earlier.
    comparable: bool
    now: Total
    before: Total
    methods: tuple[Method, ...]
    queues: tuple[Queue, ...]
    #: The share of their time that the bench's workers were busy. None: nobody looked.
    busy: float | None

    @property
    def failed_most(self) -> list[Method]:
        found = sorted(self.methods, key=lambda each: (-each.now.unwell, each.name))
        return [each for each in found if each.now.unwell][:MOST]

    @property
    def grew(self) -> list[Method]:
        """Those that keep workers busy for longer than in the week before, the most grown first."""
        if not self.comparable:
            return []
        found = sorted(self.methods, key=lambda each: (-each.grown_s, each.name))
        return [each for each in found if each.grown_s >= GROWN_BY_S][:MOST]


def week(reader: HistoryReader, queue_prefix: str, until: float) -> Report:
    """The last seven days that were over at `until`, of this bench's lanes. At most three reads for each week."""
    end = int(until) // DAY_S * DAY_S
    days, days_before = _days(end), _days(end - DAYS * DAY_S)
    (now, known), (before, known_before) = (_by_method(reader, queue_prefix, each) for each in (days, days_before))
    lanes, lanes_before = _by_lane(reader, queue_prefix, days), _by_lane(reader, queue_prefix, days_before)
    methods = tuple(
        Method(name, _sum(now.get(name, {})), _sum(before.get(name, {})), now.get(name, {}))
        for name in sorted(now.keys() | before.keys())
    )
    return Report(
        since=days[0],
        until=end,
        days=lanes.days,
        days_before=lanes_before.days,
        comparable=0 < known_before >= known - 1,
        now=_sum(lanes.totals),
        before=_sum(lanes_before.totals),
        methods=tuple(each for each in methods if each.name != OTHERS),
        queues=tuple(
            Queue(lane, lanes.totals[lane], lanes.waits(lane), lanes_before.waits(lane))
            for lane in sorted(lanes.totals)
        ),
        busy=_busy(reader, queue_prefix, days),
    )


@dataclass(frozen=True, slots=True)
class _Lanes:
    days: int
    counters: Mapping[str, Mapping[str, int]]

    @property
    def totals(self) -> dict[str, Total]:
        return {lane: _total(each) for lane, each in self.counters.items()}

    def waits(self, lane: str) -> dict[str, float | None]:
        (histogram,) = series.histograms([self.counters.get(lane, {})], "W")
        return dict(zip(series.SHARES, narrow.percentiles(histogram, series.SHARES.values()), strict=True))


def _days(end: int) -> list[int]:
    return list(range(end - DAYS * DAY_S, end, DAY_S))


def _by_method(reader: HistoryReader, prefix: str, days: Sequence[int]) -> tuple[dict[str, dict[str, Total]], int]:
    """By name and lane, and of how many days anything is known."""
    by_day = reader.rows("day", days, archive.COST)
    found = rows.merged(by_day.values())
    by_name = {
        name: {lane: _total(counters) for lane, counters in lanes.items() if lane.startswith(prefix)}
        for name, lanes in found.items()
    }
    known = sum(1 for row in by_day.values() if rows.runs(row))
    return {name: lanes for name, lanes in by_name.items() if lanes}, known


def _by_lane(reader: HistoryReader, prefix: str, days: Sequence[int]) -> _Lanes:
    found = reader.rows("day", days, archive.TOTAL)
    lanes = rows.merged(found.values()).get(rows.ALL, {})
    known = sum(1 for row in found.values() if rows.runs(row))
    return _Lanes(known, {lane: counters for lane, counters in lanes.items() if lane.startswith(prefix)})


def _busy(reader: HistoryReader, prefix: str, days: Sequence[int]) -> float | None:
    samples = reader.samples(prefix, "day", days).values()
    workers = sum(each.workers for each in samples)
    return sum(each.busy for each in samples) / workers if workers else None


def _total(counters: Mapping[str, int]) -> Total:
    failed, timed_out = counters.get("f", 0), counters.get("t", 0)
    return Total(counters.get("k", 0) + failed + timed_out, failed, timed_out, counters.get("s", 0) / 1000.0)


def _sum(lanes: Mapping[str, Total]) -> Total:
    return sum(lanes.values(), Total())

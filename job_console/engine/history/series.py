"""Points of a chart, out of rows: how many ran and failed, how long they took and waited; and what cost most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from . import narrow, rows
from .gauges import Sample, summary
from .ranges import Span
from .rows import Rows
from .statistics import OTHERS, upper_end

#: Lines of one chart, and rows of a ranking; the rest together.
LINES = 8
RANKED = 25
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
_MILLISECONDS = 1000.0
#: The buckets of a histogram in their order, by the name of the counter: of what they ran, and of what they waited.
_BUCKETS = {kind: {f"{kind}{number}": number for number in range(narrow.LAST + 1)} for kind in ("R", "W")}
#: The wide bucket of each narrow one.
_WIDE = [narrow.wide(number) for number in range(narrow.LAST + 1)]
#: Counters by name.
Point: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: of everything, of a queue, a method or a site. One value for each point."""

    key: str
    runs: list[int]
    failed: list[int]
    timed_out: list[int]
    worker_s: list[float]


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one of them cost in the whole range."""

    key: str
    runs: int
    failed: int
    worker_s: float


@dataclass(frozen=True, slots=True)
class Heat:
    """How many ran or waited how long, by point: `ends` of the buckets (seconds), a row of counts for each point."""

    ends: list[float] = field(default_factory=list)
    counts: list[list[int]] = field(default_factory=list)


Choice = Callable[[str, str], "str | None"]


def by_point(
    span: Span, found: Mapping[int, Rows], choice: Choice, brief: bool = False
) -> list[dict[str, dict[str, int]]]:
    """For each point the counters by the key that `choice` gives a name and its lane; None leaves them out.

    `brief`: without histograms.
    """
    points: list[dict[str, dict[str, int]]] = [{} for _point in span.points]
    for start, row in found.items():
        into = points[span.point_of(start)]
        for name, lanes in row.items():
            for lane, value in lanes.items():
                key = choice(name, lane)
                if key is None:
                    continue
                counters = rows.counters(value)
                more = rows.brief_of(counters) if brief and len(counters) > rows.BRIEF else counters
                if key in into:
                    rows.add(into[key], more)
                else:
                    into[key] = dict(more)
    return points


def line(key: str, points: Sequence[Point]) -> Line:
    return Line(
        key,
        [each.get("k", 0) for each in points],
        [each.get("f", 0) for each in points],
        [each.get("t", 0) for each in points],
        [round(each.get("s", 0) / _MILLISECONDS, 3) for each in points],
    )


def lines(points: Sequence[Mapping[str, Point]], ranking: Iterable[Ranked]) -> list[Line]:
    """The keys that cost most each by itself, the others together."""
    order = [each.key for each in ranking]
    own = [key for key in order if key != OTHERS][:LINES]
    rest = set(order) - set(own)
    found = [line(key, [point.get(key, {}) for point in points]) for key in own]
    if rest:
        found.append(line(OTHERS, [_sum(point[key] for key in rest if key in point) for point in points]))
    return found


def ranked(points: Iterable[Mapping[str, Point]]) -> list[Ranked]:
    """By what they cost, the dearest first."""
    totals: dict[str, dict[str, int]] = {}
    for point in points:
        for key, counters in point.items():
            rows.add(totals.setdefault(key, {}), counters)
    found = []
    for key, total in totals.items():
        failed = total.get("f", 0) + total.get("t", 0)
        found.append(Ranked(key, total.get("k", 0) + failed, failed, total.get("s", 0) / _MILLISECONDS))
    return sorted(found, key=lambda each: (-each.worker_s, -each.runs, each.key))


def histograms(points: Iterable[Point], kind: str) -> list[dict[int, int]]:
    """`kind` is `R` for what they ran, `W` for what they waited."""
    numbers = _BUCKETS[kind]
    return [
        {number: count for name, count in point.items() if (number := numbers.get(name)) is not None}
        for point in points
    ]


def percentiles(several: Iterable[Mapping[int, int]]) -> dict[str, list[float | None]]:
    found = [narrow.percentiles(each, SHARES.values()) for each in several]
    return {name: [each[number] for each in found] for number, name in enumerate(SHARES)}


def kinds(points: Iterable[Point]) -> dict[str, int]:
    """How many failed with which exception, most first."""
    total: Counter[str] = Counter()
    for point in points:
        for name, count in point.items():
            if name[:2] == "x:":
                total[name[2:]] += count
    return dict(total.most_common())


def heat(several: Iterable[Mapping[int, int]]) -> Heat:
    wide: list[dict[int, int]] = []
    for histogram in several:
        counts: dict[int, int] = {}
        for number, count in histogram.items():
            counts[_WIDE[number]] = counts.get(_WIDE[number], 0) + count
        wide.append(counts)
    used = {number for counts in wide for number in counts}
    if not used:
        return Heat()
    numbers = range(min(used), max(used) + 1)
    return Heat(
        [upper_end(number) for number in numbers], [[each.get(number, 0) for number in numbers] for each in wide]
    )


def samples(span: Span, found: Mapping[int, Sample]) -> list[Sample | None]:
    """One for each point; None: nobody looked."""
    several: list[list[Sample]] = [[] for _point in span.points]
    for start, sample in found.items():
        several[span.point_of(start)].append(sample)
    return [summary(each) for each in several]


def _sum(several: Iterable[Point]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in several:
        rows.add(total, each)
    return total

"""Points of a chart, out of rows: how many ran and failed, how long they took and waited; and what cost most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from . import narrow, rows
from .gauges import Sample, summary
from .ranges import Span
from .rows import Rows
from .statistics import OTHERS, upper_end

#: Lines of one chart, and rows of a ranking; the rest together.
LINES = 8
RANKED = 25
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
#: Which counter of a row a line counts.
_MILLISECONDS = 1000.0


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
    """How many ran for how long, by point: `ends` of the buckets (seconds), a row of counts for each point."""

    ends: list[float] = field(default_factory=list)
    counts: list[list[int]] = field(default_factory=list)


Choice = Callable[[str, str], "str | None"]


def by_point(span: Span, found: Mapping[int, Rows], choice: Choice) -> list[dict[str, Counter[str]]]:
    """For each point the counters by the key that `choice` gives a name and its lane; None leaves them out."""
    points: list[dict[str, Counter[str]]] = [{} for _point in span.points]
    for start, row in found.items():
        into = points[span.point_of(start)]
        for name, lanes in row.items():
            for lane, value in lanes.items():
                key = choice(name, lane)
                if key is not None:
                    rows.add(into.setdefault(key, Counter()), rows.counters(value))
    return points


def line(key: str, points: Sequence[Counter[str]]) -> Line:
    return Line(
        key,
        [each["k"] for each in points],
        [each["f"] for each in points],
        [each["t"] for each in points],
        [round(each["s"] / _MILLISECONDS, 3) for each in points],
    )


def lines(points: Sequence[Mapping[str, Counter[str]]]) -> list[Line]:
    """The keys that cost most each by itself, the others together."""
    order = [each.key for each in ranked(points)]
    own = [key for key in order if key != OTHERS][:LINES]
    rest = set(order) - set(own)
    found = [line(key, [point.get(key, Counter()) for point in points]) for key in own]
    if rest:
        found.append(line(OTHERS, [_sum(point[key] for key in rest if key in point) for point in points]))
    return found


def ranked(points: Iterable[Mapping[str, Counter[str]]]) -> list[Ranked]:
    """By what they cost, the dearest first."""
    totals: dict[str, Counter[str]] = {}
    for point in points:
        for key, counters in point.items():
            into = totals.setdefault(key, Counter())
            for name in ("k", "f", "t", "s"):
                into[name] += counters[name]
    found = [
        Ranked(key, total["k"] + total["f"] + total["t"], total["f"] + total["t"], total["s"] / _MILLISECONDS)
        for key, total in totals.items()
    ]
    return sorted(found, key=lambda each: (-each.worker_s, -each.runs, each.key))


def percentiles(points: Sequence[Counter[str]], kind: str) -> dict[str, list[float | None]]:
    """`kind` is `R` for what they ran, `W` for what they waited."""
    histograms = [narrow_histogram(point, kind) for point in points]
    return {name: [narrow.percentile(each, share) for each in histograms] for name, share in SHARES.items()}


def narrow_histogram(counters: Mapping[str, int], kind: str) -> dict[int, int]:
    return {int(name[1:]): count for name, count in counters.items() if name[:1] == kind and name[1:].isdecimal()}


def kinds(points: Iterable[Counter[str]]) -> dict[str, int]:
    """How many failed with which exception, most first."""
    total: Counter[str] = Counter()
    for point in points:
        for name, count in point.items():
            if name.startswith("x:"):
                total[name[2:]] += count
    return dict(total.most_common())


def heat(points: Sequence[Counter[str]]) -> Heat:
    wide: list[Counter[int]] = []
    for point in points:
        counts: Counter[int] = Counter()
        for number, count in narrow_histogram(point, "R").items():
            counts[narrow.wide(number)] += count
        wide.append(counts)
    used = {number for counts in wide for number in counts}
    if not used:
        return Heat()
    numbers = range(min(used), max(used) + 1)
    return Heat([upper_end(number) for number in numbers], [[each[number] for number in numbers] for each in wide])


def samples(span: Span, found: Mapping[int, Sample]) -> list[Sample | None]:
    """One for each point; None: nobody looked."""
    several: list[list[Sample]] = [[] for _point in span.points]
    for start, sample in found.items():
        several[span.point_of(start)].append(sample)
    return [summary(each) for each in several]


def _sum(several: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in several:
        rows.add(total, each)
    return total

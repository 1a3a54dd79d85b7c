"""What is usual at an hour: the hours to compare it with, and robust figures of them. Pure arithmetic.

Two pasts: the same hour of this weekday, the one before and the one behind, in each of the last four weeks (`week`);
and the same three of each of the last seven days (`day`). Medians, so that an outage in one of them changes little;
and a past of too few hours is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median, quantiles

from ..models.lately import LaneLately, MethodLately, Past, PastFailures
from . import limits, narrow, rows
from .archive import DAY_S, HOUR_S
from .rows import Rows
from .statistics import OTHERS

#: Of a normal distribution, the standard deviation is so many median absolute deviations.
SIGMA = 1.4826
_AROUND = (-HOUR_S, 0, HOUR_S)
#: The widest bucket's logarithm: no deviation is known more closely.
_BUCKET = math.log(10) / narrow.PER_DECADE


def pasts(now: float) -> dict[str, list[int]]:
    """The hours that the window which ends now is compared with, by kind."""
    middle = int(now - limits.LATELY_S / 2) // HOUR_S * HOUR_S
    return {
        "week": [middle - week * 7 * DAY_S + by for week in range(1, limits.PAST_WEEKS + 1) for by in _AROUND],
        "day": [middle - day * DAY_S + by for day in range(1, limits.PAST_DAYS + 1) for by in _AROUND],
    }


def past(kind: str, values: Sequence[float], finest: float = 0.0) -> Past | None:
    if len(values) < limits.PAST_HOURS:
        return None
    middle = median(values)
    return Past(kind, len(values), middle, max(median(abs(each - middle) for each in values), finest))


def median_log(histogram: Mapping[int, int]) -> float | None:
    (found,) = narrow.percentiles(histogram, (0.5,))
    return None if found is None else math.log(found)


def spread_log(histogram: Mapping[int, int]) -> float:
    """By the quartiles, as a standard deviation."""
    low, high = narrow.percentiles(histogram, (0.25, 0.75))
    return max(math.log(high / low) / 1.349, _BUCKET) if low and high else 0.0


class MethodPast:
    """One method in one past, hour by hour."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._medians: list[float] = []
        self._ended: list[tuple[int, int]] = []

    def add(self, counters: Mapping[str, int]) -> None:
        ran, failed = _histogram(counters), counters.get("f", 0) + counters.get("t", 0)
        middle = median_log(ran) if sum(ran.values()) >= limits.PAST_RUNS else None
        if middle is not None:
            self._medians.append(middle)
        ended = counters.get("k", 0) + failed
        if ended >= limits.PAST_RUNS:
            self._ended.append((failed, ended))

    def ran(self) -> Past | None:
        return past(self.kind, self._medians, _BUCKET)

    def failures(self) -> PastFailures | None:
        """At most usual: what three of four of these hours stayed below, and what all of them together show without
        the worst eighth; one that was never seen to fail may have been about to.
        """
        if len(self._ended) < limits.PAST_HOURS:
            return None
        by_share = sorted(self._ended, key=lambda hour: hour[0] / hour[1])
        kept = by_share[: max(len(by_share) - len(by_share) // 8, 1)]
        failed, ended = (sum(each[place] for each in kept) for place in (0, 1))
        quartile = quantiles([each[0] / each[1] for each in by_share], n=4)[2]
        return PastFailures(self.kind, len(by_share), ended, max((failed + 1) / (ended + 2), quartile))


Pasts = tuple[tuple[Past, ...], tuple[PastFailures, ...]]


def lately(minutes: Iterable[Rows], pasts_of: Callable[[str], Pasts], prefix: str) -> list[MethodLately]:
    """Of each method that ran often enough in these minutes; only lanes whose name begins with `prefix`."""
    found = []
    for method, lanes in rows.merged(minutes).items():
        now, queue = _of_lanes(lanes, prefix)
        ran, failed = _histogram(now), now.get("f", 0) + now.get("t", 0)
        timed, middle = sum(ran.values()), median_log(ran)
        if method == OTHERS or (timed < limits.LATELY_RUNS and failed < limits.LATELY_FAILED):
            continue
        times, failures = pasts_of(method)
        found.append(
            MethodLately(
                method,
                queue,
                now.get("k", 0) + failed,
                failed,
                timed,
                None if middle is None else math.exp(middle),
                spread_log(ran),
                times,
                failures,
            )
        )
    return found


def pasts_of(method: str, hours: Mapping[int, Rows], kinds: Mapping[str, Sequence[int]], prefix: str) -> Pasts:
    known = []
    for kind, starts in kinds.items():
        one = MethodPast(kind)
        for start in starts:
            lanes = hours.get(start, {}).get(method)
            if lanes:
                one.add(_of_lanes(lanes, prefix)[0])
        known.append(one)
    times, failures = [one.ran() for one in known], [one.failures() for one in known]
    return tuple(each for each in times if each), tuple(each for each in failures if each)


def slower(method: MethodLately) -> Past | None:
    """The past that it is slower than, when it is slower than each that is known; the one nearest to it.

    By twice at least, and by five deviations: of the hours, and of a median of so few runs; and it costs something.
    """
    if method.timed < limits.LATELY_RUNS or method.median_s is None or not method.ran:
        return None
    nearest = max(method.ran, key=lambda each: each.median)
    more_s = method.timed * (method.median_s - math.exp(nearest.median))
    doubt = 1.2533 * method.spread / math.sqrt(method.timed)
    beyond = all(
        math.log(method.median_s) - each.median
        > max(math.log(limits.SLOWER_TIMES), limits.SIGMAS * math.hypot(SIGMA * each.deviation, doubt))
        for each in method.ran
    )
    return nearest if beyond and more_s >= limits.SLOWER_S else None


def fails_more(method: MethodLately) -> PastFailures | None:
    """The past that it fails more often than, when that is so of each that is known; the one nearest to it.

    Twice as often at least, and as good chance has it once in a million windows.
    """
    if method.failed < limits.LATELY_FAILED or not method.failures:
        return None
    nearest = max(method.failures, key=lambda each: each.share)
    if method.failed < limits.FAILS_TIMES * nearest.share * method.runs:
        return None
    return nearest if chance(method.failed, method.runs, nearest.share) < limits.FAILS_CHANCE else None


def chance(failed: int, runs: int, share: float) -> float:
    """That so many or more fail, where this share does."""
    if share >= 1 or failed > runs:
        return 1.0
    logs = (math.lgamma(runs + 1) - math.lgamma(n + 1) - math.lgamma(runs - n + 1) for n in range(failed, runs + 1))
    terms = (
        log + n * math.log(share) + (runs - n) * math.log1p(-share)
        for n, log in zip(range(failed, runs + 1), logs, strict=True)
    )
    return sum(math.exp(each) for each in terms)


def fills(lane: LaneLately, now: int) -> Past | None:
    """The past whose depth it is beyond, when it is beyond each that is known, and has filled all the while."""
    depths = [depth for _at, depth in lane.depths]
    if len(depths) < limits.FILLING_SAMPLES or not lane.deepest or now < limits.FILLING_SHARE * max(depths):
        return None
    third = len(depths) // 3
    first, second, last = median(depths[:third]), median(depths[third:-third]), median(depths[-third:])
    at_once = max(later - earlier for earlier, later in pairwise(depths))  # somebody's many jobs: it drains since
    if not first < second < last <= now or now - first - at_once < limits.FILLING_JOBS:
        return None
    beyond = all(
        now > max(limits.FILLING_TIMES * each.median, each.median + limits.SIGMAS * SIGMA * each.deviation)
        for each in lane.deepest
    )
    return max(lane.deepest, key=lambda each: each.median) if beyond else None


def _of_lanes(lanes: Mapping[str, rows.Counters], prefix: str) -> tuple[dict[str, int], str]:
    """All of this bench's lanes together, and the one where most ran."""
    total: dict[str, int] = {}
    most, queue = -1, ""
    for lane, value in lanes.items():
        if lane.startswith(prefix):
            counters = rows.counters(value)
            rows.add(total, counters)
            runs = sum(counters.get(outcome, 0) for outcome in ("k", "f", "t"))
            most, queue = max((most, queue), (runs, lane))
    return total, queue


def _histogram(counters: Mapping[str, int]) -> dict[int, int]:
    return {int(name[1:]): count for name, count in counters.items() if name[:1] == "R" and name[1:].isdecimal()}

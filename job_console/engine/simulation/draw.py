"""Draws a day of jobs out of a recorded load: as many of each kind in each hour, at other moments and of other lengths.

Schedules enqueue at their due times. What else came in an hour comes in bursts at random moments of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from random import Random

from ..history.archive import DAY_S, HOUR_S
from . import limits
from .bursts import SHAPE
from .load import Key, Kind, Load
from .pool import Arrival

#: Of so many bursts in an hour it matters little how many there were exactly.
_MANY = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """How a load is played: `lanes` number the queues."""

    lanes: tuple[str, ...]
    #: Methods that go to another queue.
    moved: Mapping[str, str] = field(default_factory=dict)
    #: When schedules enqueue what: seconds of the day (UTC).
    due: Mapping[Key, Sequence[float]] = field(default_factory=dict)
    #: The same of schedules that were moved.
    moved_due: Mapping[Key, Sequence[float]] = field(default_factory=dict)
    #: By recorded queue, how much larger its bursts are than minutes tell (`fit`).
    bursts: Mapping[str, float] = field(default_factory=dict)

    def number_of(self, kind: Kind) -> int:
        return self.lanes.index(self.moved.get(kind.method, kind.lane))


def jobs(load: Load, plan: Plan, hours: Sequence[int], dice: Random) -> list[Arrival]:
    """What comes in these hours, which are in a row."""
    found: list[Arrival] = []
    for hour in hours:
        for key, count in load.counts.get(hour, {}).items():
            if key not in plan.moved_due:
                found += _drawn(load, plan, key, _moments(load.kinds[key], plan, hour, count, dice), dice)
    for key, due in plan.moved_due.items():
        found += _drawn(load, plan, key, _moved(load, key, plan, due, hours, dice), dice)
    return sorted(found)


def _drawn(load: Load, plan: Plan, key: Key, moments: Sequence[float], dice: Random) -> list[Arrival]:
    kind, count = load.kinds[key], len(moments)
    queue = plan.number_of(kind)
    runs = dice.choices(kind.seconds, cum_weights=kind.at_most, k=count)
    starts = dice.choices(load.start_s, k=count)
    return [(at, queue, run_s, start_s) for at, run_s, start_s in zip(moments, runs, starts, strict=True)]


def _moments(kind: Kind, plan: Plan, hour: int, count: int, dice: Random) -> list[float]:
    since = hour - kind.lasts_s
    due = [
        moment for each in plan.due.get((kind.method, kind.lane), ()) if (moment := _next(since, each)) < since + HOUR_S
    ]
    if due:
        return [due[number % len(due)] for number in range(count)]
    size = _size(kind, plan.bursts.get(kind.lane, 1.0))
    bursts = how_many(count, size, kind.an_hour, dice)
    if bursts >= count:
        return [since + HOUR_S * dice.random() for _job in range(count)]
    moments = [since + HOUR_S * dice.random() for _burst in range(bursts)]
    # Their sizes scatter as `bursts` takes them to, and together are what came.
    sizes = list(accumulate(dice.gammavariate(SHAPE, 1.0) for _burst in range(bursts)))
    found = moments if count > bursts else []
    return found + dice.choices(moments, cum_weights=sizes, k=count - len(found))


def _size(kind: Kind, times: float) -> float:
    """`times` as large as minutes tell; what seems to come one by one may come a little together, too."""
    usual = limits.UNKNOWN_BURST if kind.burst is None else kind.burst
    return min(1 + (usual - 1) * times + limits.HIDDEN_BURST * max(times - 1, 0.0), limits.LARGEST_BURST)


def how_many(count: int, size: float, an_hour: float, dice: Random) -> int:
    """In how many bursts so many jobs came. Where bursts are rare, 110 jobs are one large burst rather than two."""
    if count / size > _MANY or size == 1:
        return int(count / size + dice.random()) or 1
    numbers = range(1, min(count, 2 * _MANY) + 1)
    logs = [_likely(number, count, size, an_hour / size) for number in numbers]
    return dice.choices(numbers, [math.exp(each - max(logs)) for each in logs])[0]


@lru_cache(50_000)
def _likely(bursts: int, count: int, size: float, an_hour: float) -> float:
    """How likely that is, as a logarithm: Poisson many bursts, each of a size that is gamma distributed."""
    shape, scale = SHAPE * bursts, size / SHAPE
    of_number = bursts * math.log(max(an_hour, 1e-9)) - math.lgamma(bursts + 1)
    return of_number + (shape - 1) * math.log(count) - count / scale - shape * math.log(scale) - math.lgamma(shape)


def _moved(load: Load, key: Key, plan: Plan, due: Sequence[float], hours: Sequence[int], dice: Random) -> list[float]:
    """At each of its new times as many as at one of the old ones."""
    runs = sum(load.counts[hour].get(key, 0) for day in load.days for hour in day if hour in load.counts)
    each = runs / len(load.days) / max(len(plan.due.get(key, ())), 1)
    found: list[float] = []
    for second in due:
        moment = _next(hours[0], second)
        if moment < hours[-1] + HOUR_S:
            found += [moment] * (int(each) + (dice.random() < each % 1))
    return found


def _next(since: float, second: float) -> float:
    """The first moment from `since` on that is this second of the day."""
    return since + (second - since) % DAY_S

"""The work that waits in a lane before a job: how long it takes, estimated from the jobs of it that were read."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ...models.expected import Bursts
from .durations import Durations

#: The scatter of the bench's speed from one day to the next, as a share.
DRIFT = 0.1
#: A job that was not read is drawn from so many known ones on both sides of it.
_AROUND = 8
NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Kind:
    """One waiting job. `runs`: the distribution of its run time, None: unknown; `group`: the number of its limit."""

    runs: Durations | None
    group: int | None = None


class Sums(NamedTuple):
    """Sums over what waits before a place and is under no limit; `limited`: how many are under each limit."""

    seconds: float
    variance: float
    unknown: float
    limited: tuple[float, ...]


class Line:
    """The waiting jobs of one lane, in their order.

    `known`: places, ascending, with what waits there; between two of them jobs are taken to be like the nearer one.
    `arriving`: work that comes to its end in a second, in seconds, in parts of the time lately; `part_s`: how long each
    was. It stands before what waits in later lanes.
    `bursts`: or it came in these, and each of its jobs takes `each_s`.
    `target`: the limit that the job behind it is under.
    """

    def __init__(
        self,
        count: int,
        known: Sequence[tuple[int, Kind]],
        arriving: Sequence[float] = (),
        part_s: float = 1.0,
        groups: int = 0,
        target: int | None = None,
        bursts: Bursts | None = None,
        each_s: float = 0.0,
    ) -> None:
        self.count, self.arriving, self.part_s, self.target = count, arriving, part_s, target
        self.bursts, self.each_s = bursts, each_s
        known = known or ([(0, Kind(None))] if count else [])
        self.kinds = [kind for _place, kind in known]
        places = [place for place, _kind in known]
        middles = [(left + right + 1) / 2 for left, right in pairwise(places)]
        self.ends = [*middles, float(count)] if known else []
        self.exact = len(known) >= count
        spans = [end - start for start, end in zip([0.0, *self.ends], self.ends, strict=False)]
        #: From the head to each end.
        self.sums = [Sums(0.0, 0.0, 0.0, (0.0,) * groups)]
        for span, kind in zip(spans, self.kinds, strict=True):
            self.sums.append(_plus(self.sums[-1], span, kind))
        self._average(list(zip(spans, self.kinds, strict=True)))

    def _average(self, parts: Sequence[tuple[float, Kind]]) -> None:
        known = [(span, kind.runs) for span, kind in parts if kind.runs and kind.group is None]
        counted = max(sum(span for span, _runs in known), 1.0)
        mean = self.sums[-1].seconds / counted
        #: Of the methods' means, each as often as it waits.
        self.between = sum(span * (runs.mean - mean) ** 2 for span, runs in known) / counted
        self.doubt = self._doubt(known, counted, mean)

    def _doubt(self, known: Sequence[tuple[float, Durations]], counted: float, mean: float) -> float:
        """The relative error of the mean: only some of the waiting jobs, and some runs of their methods, are known."""
        if not known or mean <= 0:
            return DRIFT
        shares: dict[int, tuple[float, Durations]] = {}
        for span, runs in known:
            shares[id(runs)] = (shares.get(id(runs), (0.0, runs))[0] + span / counted, runs)
        methods = sum(share**2 * runs.doubt for share, runs in shares.values())
        sample = 0.0 if self.exact else self.between / len(known) * (1 - len(known) / max(self.count, 1))
        return math.sqrt((methods + sample) / mean**2 + DRIFT**2)

    def upto(self, place: float) -> Sums:
        part = min(bisect_right(self.ends, place), len(self.ends) - 1)
        start = self.ends[part - 1] if part else 0.0
        share = (min(place, self.ends[part]) - start) / max(self.ends[part] - start, 1e-9)
        return _between(self.sums[part], self.sums[part + 1], share)

    def one(self, place: int, dice: random.Random) -> Kind:
        """The job at this place: a known one, or one drawn from those around it."""
        part = min(bisect_right(self.ends, place), len(self.kinds) - 1)
        if not self.exact and len(self.kinds) > 1:
            part = min(max(part + dice.randrange(-_AROUND, _AROUND + 1), 0), len(self.kinds) - 1)
        return self.kinds[part]

    def many(self, place: int, count: int, dice: random.Random) -> tuple[float, tuple[float, ...]]:
        """(seconds that the `count` jobs from this place on take one after the other; how many are under each limit and
        are not in that sum).
        """
        start, end = self.upto(place), self.upto(place + count)
        limited = tuple(after - before for before, after in zip(start.limited, end.limited, strict=True))
        if end.unknown - start.unknown > 1e-6:
            return NEVER, limited
        free = count - sum(limited)
        variance = end.variance - start.variance + (0.0 if self.exact else self.between * max(free, 0.0))
        return roughly(end.seconds - start.seconds, variance, dice), limited


def roughly(mean: float, variance: float, dice: random.Random) -> float:
    """A random value for the sum of many jobs: normally distributed."""
    return max(dice.gauss(mean, math.sqrt(max(variance, 0.0))), mean / 4)


def drawn(runs: Durations, dice: random.Random) -> float:
    return runs.values[int(dice.random() * len(runs.values))]


def _plus(sums: Sums, span: float, kind: Kind) -> Sums:
    if kind.group is not None:
        limited = tuple(count + (span if group == kind.group else 0.0) for group, count in enumerate(sums.limited))
        return sums._replace(limited=limited)
    if kind.runs is None:
        return sums._replace(unknown=sums.unknown + span)
    return sums._replace(
        seconds=sums.seconds + kind.runs.mean * span, variance=sums.variance + kind.runs.variance * span
    )


def _between(first: Sums, second: Sums, share: float) -> Sums:
    return Sums(
        first.seconds + share * (second.seconds - first.seconds),
        first.variance + share * (second.variance - first.variance),
        first.unknown + share * (second.unknown - first.unknown),
        tuple(before + share * (after - before) for before, after in zip(first.limited, second.limited, strict=True)),
    )

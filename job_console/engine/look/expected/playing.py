"""Plays what waits through on the workers that there are, many times, and says when a job behind it would start.

Chance decides how long each run takes, with the same dice each time: the same bench gives the same figures. The cost
does not grow with what waits: of a long line a worker takes many jobs in one turn, and fewer the nearer its end is.
"""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .durations import Durations

#: Turns in all, and rounds at least and at most: some milliseconds.
TURNS = 1_200
ROUNDS = (16, 120)
#: A worker takes this part of its share of a line in one turn.
PARTS = 2
#: No bench works today exactly as it did: the scatter of the speed of its jobs, and of what is between them.
DRIFT = 0.06
GAP_DRIFT = 0.2
#: Workers that have less time than this left for a later lane do not get to it in any time that can be estimated.
FULL = 0.95
_SEED = 15
NEVER = math.inf


class Line:
    """What waits in a lane before a job. `known`: places, ascending, and how long what stands there takes.

    What stands between two known places is taken to be like the nearer one; None is unknown. `coming_s`: work that
    comes to its end in a second, in seconds. It stands before what waits in later lanes.
    """

    def __init__(self, count: int, known: Sequence[tuple[int, Durations | None]], coming_s: float = 0.0) -> None:
        self.count, self.coming_s = count, coming_s
        self.kinds = [kind for _place, kind in known]
        places = [place for place, _kind in known]
        middles = [(left + right + 1) / 2 for left, right in pairwise(places)]
        self.ends = [*middles, float(count)] if known else []
        self.exact = len(known) >= count
        self._add_up()

    def _add_up(self) -> None:
        """Sums from the head to each end: of the seconds, of their variance, of what is unknown."""
        self.seconds, self.variance, self.unknown = [0.0], [0.0], [0.0]
        spans = [end - start for start, end in zip([0.0, *self.ends], self.ends, strict=False)]
        for span, kind in zip(spans, self.kinds, strict=True):
            self.seconds.append(self.seconds[-1] + (kind.mean * span if kind else 0.0))
            self.variance.append(self.variance[-1] + (kind.variance * span if kind else 0.0))
            self.unknown.append(self.unknown[-1] + (0.0 if kind else span))
        counted = max(self.count - self.unknown[-1], 1.0)
        self.mean = self.seconds[-1] / counted
        parts = [(span, kind) for span, kind in zip(spans, self.kinds, strict=True) if kind]
        #: Of the methods' means, each as often as it waits.
        self.between = sum(span * (kind.mean - self.mean) ** 2 for span, kind in parts) / counted
        self.doubt = self._doubt(parts, counted)

    def _doubt(self, parts: Sequence[tuple[float, Durations]], counted: float) -> float:
        """How far the mean may be wrong, as a part of it: who waits is known of some only, and so are the methods."""
        if not parts or self.mean <= 0:
            return DRIFT
        shares: dict[int, tuple[float, Durations]] = {}
        for span, kind in parts:
            shares[id(kind)] = (shares.get(id(kind), (0.0, kind))[0] + span / counted, kind)
        methods = sum(share**2 * kind.doubt for share, kind in shares.values())
        sample = 0.0 if self.exact else self.between / len(parts) * (1 - len(parts) / max(self.count, 1))
        return math.sqrt((methods + sample) / self.mean**2 + DRIFT**2)

    def upto(self, place: float) -> tuple[float, float, float]:
        """Seconds, their variance and what is unknown of those before this place."""
        part = min(bisect_right(self.ends, place), len(self.ends) - 1)
        start = self.ends[part - 1] if part else 0.0
        share = (min(place, self.ends[part]) - start) / max(self.ends[part] - start, 1e-9)
        return (
            self.seconds[part] + share * (self.seconds[part + 1] - self.seconds[part]),
            self.variance[part] + share * (self.variance[part + 1] - self.variance[part]),
            self.unknown[part] + share * (self.unknown[part + 1] - self.unknown[part]),
        )

    def one(self, place: int, dice: random.Random) -> float:
        """How long the job at this place takes."""
        part = min(bisect_right(self.ends, place), len(self.kinds) - 1)
        if not self.exact and len(self.kinds) > 1:
            part = min(max(part + dice.randrange(-_AROUND, _AROUND + 1), 0), len(self.kinds) - 1)
        kind = self.kinds[part]
        return NEVER if kind is None else kind.values[int(dice.random() * len(kind.values))]

    def many(self, place: int, count: int, dice: random.Random) -> float:
        """How long so many from this place on take one after the other."""
        start, end = self.upto(place), self.upto(place + count)
        if end[2] - start[2] > 1e-6:
            return NEVER
        variance = end[1] - start[1] + (0.0 if self.exact else self.between * count)
        mean = end[0] - start[0]
        return max(dice.gauss(mean, math.sqrt(max(variance, 0.0))), mean / 4)


#: What is not known to stand at a place is drawn from so many known ones on both sides of it.
_AROUND = 8


@dataclass(frozen=True, slots=True)
class Taker:
    """A worker. `lines`: numbers of those that it serves, in its order."""

    lines: tuple[int, ...]
    busy: bool = False
    #: How long its job takes, for how long that has run, and what ends it; a busy one without is never free.
    runs: Durations | None = None
    ran_s: float = 0.0
    most_s: float | None = None
    #: It takes the first line that has work; else any of those.
    ordered: bool = True

    def free(self, dice: random.Random) -> float:
        chance = dice.random()
        if not self.busy:
            return 0.0
        return self.runs.remaining(self.ran_s, chance, self.most_s) if self.runs else NEVER


def starts(lines: Sequence[Line], takers: Sequence[Taker], gap_s: float) -> list[list[float]]:
    """When a job behind each line would start, in each round, ascending; NEVER where nobody comes to it."""
    dice = random.Random(_SEED)  # noqa: S311  the same figures each time
    shares = [max(sum(number in taker.lines for taker in takers), 1) * PARTS for number in range(len(lines))]
    found: list[list[float]] = [[] for _line in lines]
    turns = rounds = 0
    while rounds < ROUNDS[0] or (turns < TURNS and rounds < ROUNDS[1]):
        once = _Round(lines, takers, shares, gap_s, dice)
        turns += once.play()
        rounds += 1
        for number, at in enumerate(once.starts):
            found[number].append(at)
    return [sorted(each) for each in found]


class _Round:
    def __init__(
        self, lines: Sequence[Line], takers: Sequence[Taker], shares: Sequence[int], gap_s: float, dice: random.Random
    ) -> None:
        self.lines, self.takers, self.shares, self.dice = lines, takers, shares, dice
        self.gap_s = gap_s * max(dice.gauss(1.0, GAP_DRIFT), 0.2)
        self.taken = [0] * len(lines)
        self.starts = [NEVER] * len(lines)
        self.speeds = [max(dice.gauss(1.0, line.doubt), 0.2) for line in lines]
        #: The part of a worker's time that what comes to a line takes.
        self.loads = [line.coming_s * PARTS / share for line, share in zip(lines, shares, strict=True)]
        #: What has come until all was taken that waited: who has done his part of that.
        self.caught_up: set[tuple[int, int]] = set()
        served = {number for taker in takers for number in taker.lines}
        self.open = len(served)
        self.free = [(at, n) for n, taker in enumerate(takers) if (at := taker.free(dice)) < NEVER]
        heapq.heapify(self.free)

    def play(self) -> int:
        """How many turns it took."""
        turns = 0
        while self.free and self.open:
            turns += 1
            now, number = self.free[0]
            # Whoever is idle waits for the very next job.
            lasts = self._turn(number, self.takers[number], now + self.gap_s if now > 0 else 0.0)
            if lasts < NEVER:
                heapq.heapreplace(self.free, (now + lasts, number))
            else:
                heapq.heappop(self.free)
        return turns

    def _turn(self, number: int, taker: Taker, now: float) -> float:
        """How long it is busy then; NEVER: it comes back no more."""
        if not taker.ordered:
            line = self._any(taker, now)
            return NEVER if line is None else self._take(line, self._count(taker.lines))
        load = 0.0
        for line in taker.lines:
            if self.taken[line] < self.lines[line].count:
                return self._take(line, self._count((line,))) / (1 - load)
            self._reached(line, now)
            load += self.loads[line]
            if load > FULL:
                return NEVER
            if self.loads[line] and (number, line) not in self.caught_up:
                self.caught_up.add((number, line))
                return self.starts[line] * self.loads[line] / (1 - load)
        return NEVER

    def _any(self, taker: Taker, now: float) -> int | None:
        full = [line for line in taker.lines if self.taken[line] < self.lines[line].count]
        for line in taker.lines:
            if line not in full and (not full or self.dice.random() * (len(full) + 1) < 1):
                self._reached(line, now)
        return full[int(self.dice.random() * len(full))] if full else None

    def _reached(self, line: int, now: float) -> None:
        """A job behind all that waits in it would start now."""
        if self.starts[line] == NEVER:
            self.starts[line] = now
            self.open -= 1

    def _count(self, lines: Sequence[int]) -> int:
        """How many jobs it takes in one turn; as many of each line where it takes of any."""
        left = (
            (self.lines[line].count - self.taken[line]) // self.shares[line]
            for line in lines
            if self.taken[line] < self.lines[line].count
        )
        return max(min(left), 1)

    def _take(self, number: int, count: int) -> float:
        line, place = self.lines[number], self.taken[number]
        self.taken[number] += count
        lasts = line.one(place, self.dice) if count == 1 else line.many(place, count, self.dice)
        return lasts * self.speeds[number] + count * self.gap_s

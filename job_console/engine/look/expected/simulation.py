"""A Monte Carlo simulation of the bench: its workers take the waiting jobs, in many rounds; each round gives the time
at which a job behind them would start.

Run times are drawn at random with a fixed seed, so the same bench gives the same figures. The cost does not grow with
what waits: in a long lane a worker takes many jobs in one turn, and fewer the nearer the end is. A job that is under a
concurrency limit and finds no place is set aside, and taken first when a place is free.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...models.expected import Gap
from .bursts import next_bursts
from .durations import Durations
from .waiting_work import NEVER, Line, drawn, roughly

#: Turns in all rounds together, and the least and most rounds: a few milliseconds.
TURNS = 1_200
ROUNDS = (16, 120)
#: In one turn a worker takes one of so many parts of its share of a lane.
PARTS = 2
#: When earlier lanes take more than this share of the workers' time, there is no estimate for later ones.
FULL = 0.95
#: The most parts of arrivals that are drawn; the sum of more hardly varies.
_DRAWN = 40
_SEED = 15


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs that share a limit: how many may run at once, besides those that run on workers outside the simulation."""

    room: int
    #: Run times of its jobs, each kind as often as it was seen; None: unknown.
    kinds: tuple[Durations | None, ...]
    #: How many wait for a place already, by the number of their lane.
    aside: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taker:
    """A worker. `lines`: the numbers of the lanes that it serves, in its order."""

    lines: tuple[int, ...]
    busy: bool = False
    #: The distribution of its job's run time, how long it has run, and its timeout; without the first, a busy worker is
    #: never free.
    runs: Durations | None = None
    ran_s: float = 0.0
    most_s: float | None = None
    #: It takes from the first lane that has work; otherwise from any of them.
    ordered: bool = True
    #: The limit that its job is under.
    group: int | None = None
    #: It has just ended a run and not begun the next.
    between: bool = False

    def free(self, gap_s: float, dice: random.Random) -> float:
        """Seconds from now until its run ends. 0: it is idle."""
        chance = dice.random()
        if not self.busy:
            return -gap_s * chance if self.between else 0.0
        return self.runs.remaining(self.ran_s, chance, self.most_s) if self.runs else NEVER


def starts(lines: Sequence[Line], takers: Sequence[Taker], gap: Gap, groups: Sequence[Group] = ()) -> list[list[float]]:
    """For each lane, the seconds until a job behind it would start: one figure for each round, ascending. NEVER: no
    worker gets to it.
    """
    dice = random.Random(_SEED)  # noqa: S311  the same figures each time
    work = sum(line.sums[-1].seconds + line.count * gap.seconds for line in lines)
    horizon = work / max(len(takers), 1)
    shares = [max(sum(number in taker.lines for taker in takers), 1) * PARTS for number in range(len(lines))]
    found: list[list[float]] = [[] for _line in lines]
    turns = rounds = 0
    while rounds < ROUNDS[0] or (turns < TURNS and rounds < ROUNDS[1]):
        once = _Round(lines, takers, shares, gap, groups, horizon, dice)
        turns += once.play()
        rounds += 1
        for number, at in enumerate(once.starts):
            found[number].append(at)
    return [sorted(each) for each in found]


class _Round:
    def __init__(
        self,
        lines: Sequence[Line],
        takers: Sequence[Taker],
        shares: Sequence[int],
        gap: Gap,
        groups: Sequence[Group],
        horizon: float,
        dice: random.Random,
    ) -> None:
        self.lines, self.takers, self.shares, self.groups, self.dice = lines, takers, shares, groups, dice
        self.gap_s = gap.seconds * max(dice.gauss(1.0, gap.scatter), 0.2)
        self.taken = [0] * len(lines)
        self.starts = [NEVER] * len(lines)
        self.speeds = [max(dice.gauss(1.0, line.doubt), 0.2) for line in lines]
        #: The part of a worker's time that what comes to a line takes.
        self.loads = [_mean(line.arriving) * PARTS / share for line, share in zip(lines, shares, strict=True)]
        #: How much more or less it is this time: what comes in bursts may come, or not.
        self.more = [
            (_mean(_drawn(line, horizon, dice)) - _mean(line.arriving)) * PARTS / share
            for line, share in zip(lines, shares, strict=True)
        ]
        #: What comes in bursts: when, and how many jobs; and how many of those that have come were not taken yet.
        # One cause enqueues here and there at a time: whether and when they come is the same chance for all lines.
        chance = dice.random()
        self.bursts = [next_bursts(line.bursts, horizon, random.Random(chance)) for line in lines]  # noqa: S311
        self.came = [0] * len(lines)
        #: What has come until all was taken that waited: who has done his part of that.
        self.caught_up: set[tuple[int, int]] = set()
        self.room = [group.room for group in groups]
        #: What waits for a place, by line and group.
        self.aside = [[group.aside.get(number, 0) for group in groups] for number in range(len(lines))]
        #: Who has a place, of which group; and who found nothing to take until one is given back.
        self.has_place = {n: taker.group for n, taker in enumerate(takers) if taker.group is not None}
        self.idle: list[int] = []
        served = {number for taker in takers for number in taker.lines}
        self.open = len(served)
        self.free = [(at, n) for n, taker in enumerate(takers) if (at := taker.free(self.gap_s, dice)) < NEVER]
        heapq.heapify(self.free)

    def play(self) -> int:
        """Simulate one round. Returns how many turns it took."""
        turns = 0
        while self.free and self.open:
            turns += 1
            now, number = heapq.heappop(self.free)
            if number in self.has_place:
                self.room[self.has_place.pop(number)] += 1
                for other in self.idle:
                    heapq.heappush(self.free, (now, other))
                self.idle.clear()
            # Whoever is idle waits for the very next job.
            lasts = self._turn(number, self.takers[number], now + self.gap_s if now else 0.0)
            if lasts < NEVER:
                heapq.heappush(self.free, (now + lasts, number))
            elif number not in self.has_place:
                self.idle.append(number)
        return turns

    def _turn(self, number: int, taker: Taker, now: float) -> float:
        """Let a worker take work. Returns how many seconds it is busy; NEVER: it has nothing to do any more, or not
        before a place is given back.
        """
        if not taker.ordered:
            line = self._any(taker, now)
            return NEVER if line is None else self._take(number, line, self._least(taker.lines))
        load = more = 0.0
        for line in taker.lines:
            if self._has_work(line):
                return self._take(number, line, max(self._part(line), 1)) * max((1 + more) / (1 - load), 1.0)
            self._reached(line, now)
            if self._has_come(line, now):
                return self._take_what_came(line)
            load += self.loads[line]
            more += self.more[line]
            if load > FULL:
                return NEVER
            if self.loads[line] and self.starts[line] < NEVER and (number, line) not in self.caught_up:
                self.caught_up.add((number, line))
                return self.starts[line] * max(self.loads[line] + self.more[line], 0.0) / (1 - load)
        return min((self.bursts[line][0][0] - now for line in taker.lines if self.bursts[line]), default=NEVER)

    def _any(self, taker: Taker, now: float) -> int | None:
        full = [line for line in taker.lines if self._has_work(line)]
        for line in taker.lines:
            if line not in full and (not full or self.dice.random() * (len(full) + 1) < 1):
                self._reached(line, now)
        return full[int(self.dice.random() * len(full))] if full else None

    def _has_work(self, line: int) -> bool:
        return self.taken[line] < self.lines[line].count or self._servable(line) is not None

    def _has_come(self, line: int, now: float) -> bool:
        """Behind all that waited in it."""
        while self.bursts[line] and self.bursts[line][0][0] <= now:
            self.came[line] += self.bursts[line].popleft()[1]
        return self.came[line] > 0

    def _take_what_came(self, line: int) -> float:
        count = max(self.came[line] // self.shares[line], 1)
        self.came[line] -= count
        return count * (self.lines[line].each_s * self.speeds[line] + self.gap_s)

    def _servable(self, line: int) -> int | None:
        """The number of a group with a free place for which some of this lane wait. None: there is none."""
        if not self.room:  # few benches have limits, and it is asked at each turn
            return None
        waits = self.aside[line]
        return next((group for group, room in enumerate(self.room) if room > 0 and waits[group] > 0), None)

    def _reached(self, line: int, now: float) -> None:
        """All that waited in this lane has been taken: a job behind it starts now, unless it finds no place."""
        target = self.lines[line].target
        if self.starts[line] < NEVER or (target is not None and (self.room[target] <= 0 or self.aside[line][target])):
            return
        self.starts[line] = now
        self.open -= 1

    def _part(self, line: int) -> int:
        """How many of its jobs a worker takes in one turn."""
        return (self.lines[line].count - self.taken[line]) // self.shares[line]

    def _least(self, lines: Sequence[int]) -> int:
        """The same for one that takes from any of these lanes."""
        parts = (self._part(line) for line in lines if self.taken[line] < self.lines[line].count)
        return max(min(parts, default=1), 1)

    def _take(self, number: int, line: int, count: int) -> float:
        group = self._servable(line)  # it stands in front
        if group is not None:
            return self._take_aside(number, line, group)
        place = self.taken[line]
        self.taken[line] += count
        if count > 1:
            lasts, limited = self.lines[line].many(place, count, self.dice)
            for each, part in enumerate(limited):
                self.aside[line][each] += int(part + self.dice.random())
            return lasts * self.speeds[line] + count * self.gap_s
        kind = self.lines[line].one(place, self.dice)
        if kind.group is None:
            return NEVER if kind.runs is None else drawn(kind.runs, self.dice) * self.speeds[line] + self.gap_s
        self.aside[line][kind.group] += 1
        if self.room[kind.group] > 0:
            return self._take_aside(number, line, kind.group)
        return self.gap_s  # it starts, finds no place and is put aside

    def _take_aside(self, number: int, line: int, group: int) -> float:
        count = max(self.aside[line][group] // self.shares[line], 1)
        self.aside[line][group] -= count
        self.room[group] -= 1
        self.has_place[number] = group
        kinds = self.groups[group].kinds
        runs = kinds[int(self.dice.random() * len(kinds))] if kinds else None
        if runs is None:
            return NEVER
        lasts = drawn(runs, self.dice) if count == 1 else roughly(runs.mean * count, runs.variance * count, self.dice)
        return lasts * self.speeds[line] + count * self.gap_s


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _drawn(line: Line, horizon: float, dice: random.Random) -> list[float]:
    """What may arrive in a lane within `horizon` seconds: a random sample of what arrived lately."""
    if not line.arriving:
        return []
    return dice.choices(line.arriving, k=min(max(round(horizon / line.part_s), 1), _DRAWN))

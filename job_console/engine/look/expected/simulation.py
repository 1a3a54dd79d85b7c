"""Plays what waits through on the workers that there are, many times, and says when a job behind it would start.

Chance decides how long each run takes, with the same dice each time: the same bench gives the same figures. The cost
does not grow with what waits: of a long line a worker takes many jobs in one turn, and fewer the nearer its end is.
What is under a limit ("at most N at once") and finds no place is set aside, and taken first when one is free.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...models.expected import Gap
from .durations import Durations
from .waiting_work import NEVER, Line, drawn, roughly

#: Turns in all, and rounds at least and at most: some milliseconds.
TURNS = 1_200
ROUNDS = (16, 120)
#: A worker takes this part of its share of a line in one turn.
PARTS = 2
#: Workers that have less time than this left for a later lane do not get to it in any time that can be estimated.
FULL = 0.95
#: More parts than this even out.
_DRAWN = 40
_SEED = 15


@dataclass(frozen=True, slots=True)
class Group:
    """What shares a limit: how many of it may run at once besides those that run on workers that count here."""

    room: int
    #: How long its runs take, each kind as often as it was seen; None is unknown.
    kinds: tuple[Durations | None, ...]
    #: How many wait for a place already, by the number of their line.
    aside: Mapping[int, int] = field(default_factory=dict)


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
    #: The limit that its job is under.
    group: int | None = None
    #: It is between two runs, for a moment.
    between: bool = False

    def free(self, gap_s: float, dice: random.Random) -> float:
        """When its last run ends, or has ended. 0: it is idle."""
        chance = dice.random()
        if not self.busy:
            return -gap_s * chance if self.between else 0.0
        return self.runs.remaining(self.ran_s, chance, self.most_s) if self.runs else NEVER


def starts(lines: Sequence[Line], takers: Sequence[Taker], gap: Gap, groups: Sequence[Group] = ()) -> list[list[float]]:
    """When a job behind each line would start, in each round, ascending; NEVER where nobody comes to it."""
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
        """How many turns it took."""
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
        """How long it is busy then; NEVER: it comes back no more, or when a place is given back."""
        if not taker.ordered:
            line = self._any(taker, now)
            return NEVER if line is None else self._take(number, line, self._count(taker.lines))
        load = more = 0.0
        for line in taker.lines:
            if self._has_work(line):
                return self._take(number, line, self._count((line,))) * max((1 + more) / (1 - load), 1.0)
            self._reached(line, now)
            load += self.loads[line]
            more += self.more[line]
            if load > FULL:
                return NEVER
            if self.loads[line] and self.starts[line] < NEVER and (number, line) not in self.caught_up:
                self.caught_up.add((number, line))
                return self.starts[line] * max(self.loads[line] + self.more[line], 0.0) / (1 - load)
        return NEVER

    def _any(self, taker: Taker, now: float) -> int | None:
        full = [line for line in taker.lines if self._has_work(line)]
        for line in taker.lines:
            if line not in full and (not full or self.dice.random() * (len(full) + 1) < 1):
                self._reached(line, now)
        return full[int(self.dice.random() * len(full))] if full else None

    def _has_work(self, line: int) -> bool:
        return self.taken[line] < self.lines[line].count or self._servable(line) is not None

    def _servable(self, line: int) -> int | None:
        """A group of which some wait for a place, and one is free."""
        waits = self.aside[line]
        return next((group for group, room in enumerate(self.room) if room > 0 and waits[group] > 0), None)

    def _reached(self, line: int, now: float) -> None:
        """A job behind all that waits in it would start now, unless it finds no place."""
        target = self.lines[line].target
        if self.starts[line] < NEVER or (target is not None and (self.room[target] <= 0 or self.aside[line][target])):
            return
        self.starts[line] = now
        self.open -= 1

    def _count(self, lines: Sequence[int]) -> int:
        """How many jobs it takes in one turn; as many of each line where it takes of any."""
        left = (
            (self.lines[line].count - self.taken[line]) // self.shares[line]
            for line in lines
            if self.taken[line] < self.lines[line].count
        )
        return max(min(left, default=1), 1)

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
    """What may come to a line within that time: parts of what came lately, by chance."""
    if not line.arriving:
        return []
    return dice.choices(line.arriving, k=min(max(round(horizon / line.part_s), 1), _DRAWN))

"""The least change of workers with which a queue keeps its goal on 99 of 100 days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil

from . import limits, measured
from .changes import Goal, Serves
from .pool import Arrival, Crew, Pace


@dataclass(frozen=True, slots=True)
class Option:
    """One way, as `changes.workers` reads it, and on how many days it keeps the goal."""

    #: none | fewer | reassign | more
    kind: str
    changes: tuple[tuple[Serves, int], ...]
    kept: int


@dataclass(frozen=True, slots=True)
class Least:
    goal: Goal
    days: int
    #: On how many of them it is kept without any further change.
    kept: int
    #: The least first. None keeps it: as many workers as are tried do not suffice.
    options: tuple[Option, ...] = field(default_factory=tuple)


class Search:
    """Over days that are drawn once, so that crews differ by nothing else."""

    def __init__(
        self, drawn: Sequence[Sequence[Arrival]], lanes: Sequence[str], crew: Sequence[Serves], pace: Pace, goal: Goal
    ) -> None:
        self._drawn, self._lanes, self._crew, self._pace, self._goal = drawn, lanes, tuple(crew), pace, goal
        self._need = ceil(limits.KEPT_SHARE * len(drawn))
        self._kept = lru_cache(None)(self._kept_by)

    def least(self) -> Least:
        """Reassigning one worker costs nothing; else workers of its own. Where it is kept already: how many may go."""
        kept = self._kept(self._crew)
        if kept >= self._need:
            return Least(self._goal, len(self._drawn), kept, tuple(self._fewer()))
        return Least(self._goal, len(self._drawn), kept, (*self._reassigned(), *self._more()))

    def _more(self) -> list[Option]:
        own = (self._goal.queue,)

        def enough(count: int) -> bool:
            return self._kept((*self._crew, *[own] * count)) >= self._need

        count = first(enough, limits.MOST_ADDED)
        if count is None:
            return []
        return [Option("more", ((own, count),), self._kept((*self._crew, *[own] * count)))]

    def _reassigned(self) -> list[Option]:
        """One worker that serves the queue first from now on, where nobody else waits twice as long for it."""
        queue = self._goal.queue
        for serves in sorted(set(self._crew), key=lambda each: (queue not in each, -self._crew.count(each), each)):
            if serves[0] == queue:
                continue
            crew, instead = list(self._crew), (queue, *(each for each in serves if each != queue))
            crew[crew.index(serves)] = instead
            found = tuple(crew)
            if self._kept(found) >= self._need and self._bearable(found):
                return [Option("reassign", ((serves, -1), (instead, 1)), self._kept(found))]
        return []

    def _fewer(self) -> list[Option]:
        """Of the workers that serve it, those of which there are most; while nobody else waits twice as long."""
        ranked = sorted(
            {each for each in self._crew if self._goal.queue in each}, key=lambda each: -self._crew.count(each)
        )
        for serves in ranked:
            count, crew, kept = 0, list(self._crew), 0
            while serves in crew and len(crew) > 1:
                crew.remove(serves)
                if self._kept(tuple(crew)) < self._need or not self._bearable(tuple(crew)):
                    break
                count, kept = count + 1, self._kept(tuple(crew))
            if count:
                return [Option("fewer", ((serves, -count),), kept)]
        return []

    def _bearable(self, crew: tuple[Serves, ...]) -> bool:
        before, after = self._measured(self._crew), self._measured(crew)
        return all(
            not now_left or left for now_left, left in zip(after.unserved, before.unserved, strict=True)
        ) and all(
            (now["p90"] or 0.0) <= max(2 * (was["p90"] or 0.0), 1.0)
            for lane, was, now in zip(self._lanes, before.waits, after.waits, strict=True)
            if lane != self._goal.queue
        )

    def _measured(self, crew: tuple[Serves, ...]) -> measured.Measured:
        return measured.days(
            self._drawn, numbers(crew, self._lanes), len(self._lanes), self._pace, [24] * len(self._drawn)
        )

    def _kept_by(self, crew: tuple[Serves, ...]) -> int:
        queue = self._lanes.index(self._goal.queue)
        of = numbers(crew, self._lanes)
        return measured.kept(
            self._drawn, of, len(self._lanes), self._pace, queue, self._goal.share, self._goal.within_s
        )


def first(enough: Callable[[int], bool], most: int) -> int | None:
    """The least number from 1 on that is enough; what is enough for one is for all above it. None: `most` is not."""
    low, high = 0, 1
    while not enough(high):
        if high == most:
            return None
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def numbers(crew: Sequence[Serves], lanes: Sequence[str]) -> Crew:
    """Queues of which nothing is recorded are left out."""
    of = {lane: number for number, lane in enumerate(lanes)}
    return [[of[queue] for queue in serves if queue in of] for serves in crew]

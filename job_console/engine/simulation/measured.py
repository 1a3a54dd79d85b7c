"""What a play of days amounts to: percentiles of the waiting by queue, and how busy the workers were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from ..history import narrow
from ..history.series import SHARES
from .pool import Arrival, Crew, Pace, Played, play

Percentiles = Mapping[str, "float | None"]


@dataclass(frozen=True, slots=True)
class Measured:
    #: By queue, of all days together.
    waits: tuple[Percentiles, ...]
    #: By queue: how many jobs, and how many of them nobody takes.
    jobs: tuple[int, ...]
    unserved: tuple[int, ...]
    #: The share of their time that the workers are busy; None: there are none.
    busy: float | None


def days(
    drawn: Sequence[Sequence[Arrival]],
    crew: Crew,
    queues: int,
    pace: Pace,
    hours: Sequence[int],
) -> Measured:
    """`hours` that each of them lasts."""
    plays = [play(each, crew, queues, pace) for each in drawn]
    spans = sum(
        max(3600.0 * length, each.until - day[0][0] if day else 0.0)
        for day, each, length in zip(drawn, plays, hours, strict=True)
    )
    waits = [sorted(wait for each in plays for wait in each.waits[queue]) for queue in range(queues)]
    unserved = tuple(sum(each.unserved[queue] for each in plays) for queue in range(queues))
    return Measured(
        tuple({name: percentile(each, share) for name, share in SHARES.items()} for each in waits),
        tuple(len(each) + left for each, left in zip(waits, unserved, strict=True)),
        unserved,
        sum(each.busy_s for each in plays) / (spans * len(crew)) if crew and spans else None,
    )


def percentile(waits: Sequence[float], share: float) -> float | None:
    """`waits` in order: the one that this share of them does not exceed."""
    return waits[max(ceil(share * len(waits)) - 1, 0)] if waits else None


def observed(histogram: Mapping[int, int]) -> Percentiles:
    return dict(zip(SHARES, narrow.percentiles(histogram, SHARES.values()), strict=True))


def keeps(played: Played, queue: int, share: float, within_s: float) -> bool:
    """Whether this share of the queue's jobs of a day waited no longer. A day without jobs keeps it."""
    if played.unserved[queue]:
        return False
    found = percentile(sorted(played.waits[queue]), share)
    return found is None or found <= within_s


def kept(
    drawn: Iterable[Sequence[Arrival]], crew: Crew, queues: int, pace: Pace, queue: int, share: float, within_s: float
) -> int:
    """On how many of these days."""
    return sum(keeps(play(day, crew, queues, pace), queue, share, within_s) for day in drawn)

"""What tells how fast work goes, besides a look and the statistics; and what is expected then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .jobs import Call


@dataclass(frozen=True, slots=True)
class Sampled:
    """What waits in a lane, here and there in it: (place from the head, call), and how many waited."""

    of: int
    calls: tuple[tuple[int, Call], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Between the end of a run and the start of the next one of the same worker: RQ's bookkeeping and a fork."""

    seconds: float
    #: How far that scatters from one moment to the next, as a part of it.
    scatter: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Of a limit: how many jobs wait for a place, and how many may run at once."""

    count: int
    runs: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What comes to a lane: jobs in a second, in each of some equal parts of the last time; how long they take."""

    rates: tuple[float, ...]
    part_s: float
    mean_s: float


@dataclass(frozen=True, slots=True)
class Pace:
    waiting: Mapping[str, Sampled] = field(default_factory=dict)
    #: Seconds of the last runs that ended, by method: also where no hook of ours counts them.
    runs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    #: The same of the last that ended in each lane, whatever they were.
    lately: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    #: None: not seen yet.
    gap: Gap | None = None
    #: Lists of lanes whose workers were seen to take work of a later one while an earlier one had some: RQ's
    #: strategies `round_robin` and `random`.
    unordered: frozenset[tuple[str, ...]] = frozenset()
    arrivals: Mapping[str, Arrivals] = field(default_factory=dict)
    #: Limits for whose places somebody waits, by name.
    places: Mapping[str, Waits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """`within_s`: nine of ten start by then. `about_s`: as many start before it as after it."""

    about_s: float
    within_s: float

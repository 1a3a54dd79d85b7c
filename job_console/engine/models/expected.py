"""What tells how fast work goes, besides a look and the statistics; and what is expected then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sampled:
    """Which methods wait in a lane, here and there in it: (place from the head, method), and how many waited."""

    of: int
    methods: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes to a lane all the time: jobs in a second, and how long they take."""

    rate: float
    mean_s: float


@dataclass(frozen=True, slots=True)
class Pace:
    waiting: Mapping[str, Sampled] = field(default_factory=dict)
    #: Seconds of the last runs that ended, by method: also where no hook of ours counts them.
    runs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    #: Between the end of a job and the start of the next one of the same worker: RQ's bookkeeping and a fork. None:
    #: not seen yet.
    gap_s: float | None = None
    #: Lists of lanes whose workers were seen to take work of a later one while an earlier one had some: RQ's
    #: strategies `round_robin` and `random`.
    unordered: frozenset[tuple[str, ...]] = frozenset()
    coming: Mapping[str, Coming] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """`within_s`: nine of ten start by then. `about_s`: as many start before it as after it."""

    about_s: float
    within_s: float

"""How fast a bench works (samples, gaps, arrivals), and the forecasts made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .jobs import Call


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample of what waits in a lane: (place from the head, call), and how many waited."""

    of: int
    calls: tuple[tuple[int, Call], ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds between the end of a run and the start of the next one of the same worker: RQ's bookkeeping and a
    fork.
    """

    seconds: float
    #: How much that varies from one moment to the next, as a share of it.
    scatter: float


@dataclass(frozen=True, slots=True)
class Waits:
    """A concurrency limit: how many jobs wait for a place, and how many may run at once."""

    count: int
    runs: int


@dataclass(frozen=True, slots=True)
class Bursts:
    """What came to a lane at several times: how long ago the last one began, the pauses between them, jobs in each."""

    ago_s: float
    pauses_s: tuple[float, ...]
    sizes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What comes to a lane: jobs in a second, in each of some equal parts of the last time; how long they take. Without
    rates it comes in bursts."""

    rates: tuple[float, ...]
    part_s: float
    mean_s: float
    bursts: Bursts | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    waiting: Mapping[str, Sampled] = field(default_factory=dict)
    #: Run times of the last runs that ended, by method: also of jobs without our hooks.
    runs: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    #: The same by lane.
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
    """A forecast in seconds. `within_s`: nine of ten jobs start within it; `about_s`: the median."""

    about_s: float
    within_s: float

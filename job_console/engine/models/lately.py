"""What the last half hour was like, beside what is usual at such an hour: of methods, lanes and schedules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Past:
    """The same figure of past hours, robustly: their median, and how far they lie from it (median absolute deviation).

    Of times both are logarithms. `kind`: `week`, the same hours of this weekday; `day`, of the last days.
    """

    kind: str
    hours: int
    median: float
    deviation: float


@dataclass(frozen=True, slots=True)
class PastFailures:
    """Of past hours: how many ended, a share of failures that is usual at most, and hours with fewer than that."""

    kind: str
    hours: int
    runs: int
    share: float


@dataclass(frozen=True, slots=True)
class MethodLately:
    method: str
    queue: str  # where it ran most
    runs: int
    failed: int
    #: Of those that ended well: how many, their median, and how far they lie apart (of the logarithms, robustly).
    timed: int = 0
    median_s: float | None = None
    spread: float = 0.0
    ran: tuple[Past, ...] = ()
    failures: tuple[PastFailures, ...] = ()
    #: Where it runs. Several: whoever sees one site only is not told.
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LaneLately:
    name: str
    #: How many waited at which time, the oldest first.
    depths: tuple[tuple[datetime, int], ...] = ()
    #: The deepest that it was in past hours.
    deepest: tuple[Past, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleLately:
    """A scheduled method whose last run failed; and how its runs of the last weeks ended."""

    site: str
    method: str
    job_id: str
    queue: str | None
    failed_at: datetime
    type: str
    message: str
    well: int
    failed: int
    days: int


@dataclass(frozen=True, slots=True)
class Lately:
    methods: tuple[MethodLately, ...] = ()
    lanes: tuple[LaneLately, ...] = ()
    schedules: tuple[ScheduleLately, ...] = ()

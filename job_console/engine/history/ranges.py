"""How far back a chart looks, and in which steps: of what is counted by the minute, the hour and the day."""

from __future__ import annotations

from dataclasses import dataclass

from .archive import DAY_S, HOUR_S, SECONDS


@dataclass(frozen=True, slots=True)
class Range:
    seconds: int
    period: str  # minute | hour | day: what it is read from
    step_s: int  # of one point


RANGES = {
    "15m": Range(900, "minute", 60),
    "1h": Range(HOUR_S, "minute", 60),
    "6h": Range(6 * HOUR_S, "minute", 180),
    "24h": Range(DAY_S, "hour", HOUR_S),
    "7d": Range(7 * DAY_S, "hour", HOUR_S),
    "30d": Range(30 * DAY_S, "day", DAY_S),
    "90d": Range(90 * DAY_S, "day", DAY_S),
    "13mo": Range(396 * DAY_S, "day", DAY_S),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A range that ends at some moment: whole steps."""

    wanted: Range
    since: int
    until: int

    @classmethod
    def ending(cls, wanted: Range, until: float) -> Span:
        """The last step holds `until`."""
        end = (int(until) // wanted.step_s + 1) * wanted.step_s
        return cls(wanted, end - wanted.seconds, end)

    @property
    def points(self) -> range:
        return range(self.since, self.until, self.wanted.step_s)

    @property
    def buckets(self) -> list[int]:
        return list(range(self.since, self.until, SECONDS[self.wanted.period]))

    def point_of(self, start: int) -> int:
        """The number of the point that a bucket belongs to."""
        return (start - self.since) // self.wanted.step_s

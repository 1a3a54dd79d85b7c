"""How far a job has come, as it last reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import limits

SOMEBODY = "somebody"
PARTS = "parts"
PLACE = "place"
HELD = "held"
#: Larger numbers are not exact any more, and what is reckoned from them may not be finite.
_LARGEST = 2.0**53


@dataclass(frozen=True, slots=True)
class Chunks:
    """Of a job that commits chunk by chunk: what is safe, and what became of single items."""

    #: Items whose effects are committed, those that were skipped and that failed among them.
    committed: int = 0
    skipped: int = 0
    failed: int = 0
    #: Why items were skipped or failed, and how many: the most frequent first.
    reasons: tuple[tuple[str, int], ...] = ()
    #: The document that keeps its place in the site's database.
    checkpoint: str | None = None
    #: (2, 4): the second of four that share the work.
    part: tuple[int, int] | None = None
    #: The first, the second ... run that works on it.
    run: int = 1


@dataclass(frozen=True, slots=True)
class Parked:
    """Its run has ended early on purpose; a later one goes on."""

    by: str
    at: datetime | None = None
    reason: str = ""
    #: What brings it back: SOMEBODY, the end of its other PARTS, a free PLACE, or the end of what HELD its method.
    until: str = SOMEBODY
    #: The name of that place (`engine.concurrency`).
    place: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    done: float
    total: float | None = None
    text: str = ""
    #: When it last reported.
    at: datetime | None = None
    #: Items a second lately.
    rate: float | None = None
    #: A percentage that the job published for its user through Frappe, not through Job Console.
    from_frappe: bool = False
    #: How much time its run was given beyond its timeout.
    extended_s: float = 0.0
    chunks: Chunks | None = None
    parked: Parked | None = None

    @property
    def fraction(self) -> float | None:
        """From 0 to 1; None while nobody knows how much there is."""
        if not self.total or self.total <= 0:
            return None
        return min(max(self.done / self.total, 0.0), 1.0)

    def left_s(self, now: datetime) -> float | None:
        """How long the rest will take at its present speed; None when that cannot be estimated."""
        if not self.rate or self.total is None or self.at is None or self.parked is not None:
            return None
        return max((self.total - self.done) / self.rate - (now - self.at).total_seconds(), 0.0)

    def silent_s(self, now: datetime) -> float | None:
        """How long ago its last report is."""
        return max((now - self.at).total_seconds(), 0.0) if self.at else None


def sayable(done: Any, total: Any, text: Any) -> Progress:
    """From what an application says, whatever it is: numbers that are finite, and a text that can be written."""
    line = "" if text is None else str(text)[: limits.PROGRESS_TEXT_CHARS]
    line = line.encode("utf-8", "replace").decode()  # half a surrogate pair, as in names of files
    return Progress(_number(done) or 0, _number(total), line)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) <= _LARGEST else None  # nor NaN, which compares with nothing


def most_frequent(reasons: Mapping[str, int], most: int) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(reasons.items(), key=lambda pair: -pair[1])[:most])


@dataclass(frozen=True, slots=True)
class Asked:
    what: str  # one of WHAT
    by: str
    at: datetime | None = None
    reason: str = ""
    #: Of `more_time`: how much more time.
    seconds: float = 0.0

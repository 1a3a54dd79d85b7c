"""When a bench is looked at again that could not be looked at: ever more seldom, and at once when somebody asks for it.

Pure, and told the time, so that a test writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

#: As the page tries a server that it has lost.
BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
#: Whoever opens the page of a bench that cannot be reached has it tried, but not more often than so.
ASKED_S = 2.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """Closed: requests are let through. Open: they are answered with `problem` at once."""

    #: Since when it is open, and what the last look said. None: it is closed.
    since: datetime | None = None
    problem: str | None = None
    failures: int = 0

    def failed(self, problem: str, now: datetime) -> Circuit:
        return replace(self, since=self.since or now, problem=problem, failures=self.failures + 1)

    def pause_s(self, look_every_s: float) -> float:
        """Until the next look. A bench that is looked at seldom is not tried more often because it is dead."""
        if not self.failures:
            return look_every_s
        return BACK_OFF_S[min(self.failures, len(BACK_OFF_S)) - 1]


CLOSED = Circuit()

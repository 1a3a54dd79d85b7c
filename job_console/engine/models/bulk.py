"""An action on all jobs of a query: what was asked, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

#: In this order: the jobs are looked for, then it is done to them.
RUNNING = ("collecting", "acting")


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What somebody asked for."""

    id: str
    action: str
    #: In the query language. Empty where it undoes another one.
    q: str
    actor: str
    site: str | None = None
    reason: str = ""
    to: str | None = None
    #: The one that it undoes.
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeKind:
    """How some of the jobs ended: `state` they are in now, or why it was not done."""

    ok: bool
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Bulk:
    asked: BulkAction
    state: str  # collecting | acting | done | canceled | failed
    started_at: datetime
    #: When somebody last worked at it.
    touched_at: datetime
    ended_at: datetime | None
    #: Jobs looked through, of how many.
    scanned: int
    of: int
    #: Jobs that match, and what has been tried of them.
    matched: int
    tried: int
    #: More match: it takes no more at once.
    cut: bool
    kinds: Mapping[OutcomeKind, int]
    #: So many of what it did can be undone, as far as they have not started.
    undoable: int
    error: str = ""

    @property
    def runs(self) -> bool:
        return self.state in RUNNING

"""What is on the screen. Changed by `keys` and by the feed, in one thread; drawn by `screen`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """The last line asks. `action` None: it is the search."""

    question: str
    action: str | None = None
    job: Json | None = None
    #: A text is typed; else one key answers.
    typed: bool = True
    text: str = ""


@dataclass
class State:
    #: Which server and bench, in words.
    heading: str
    read_only: bool = False
    snapshot: Json | None = None
    #: How old the snapshot is; and why the last look failed.
    age_s: float = 0.0
    problem: str | None = None
    #: bench, job or help.
    view: str = "bench"
    #: The query in force, and what it found.
    query: str = ""
    found: Sequence[Json] | None = None
    #: The job whose row is marked.
    selected: str | None = None
    #: Of the view `job`: its text, and the first line that is shown.
    lines: Sequence[str] = ()
    scroll: int = 0
    prompt: Prompt | None = None
    message: str = ""
    #: A cancel that can be taken back.
    canceled: str | None = None
    ended: bool = False
    #: How many rows the last drawing had room for.
    room: int = 10
    #: Rows above this one are scrolled away.
    first: int = field(default=0)

    def rows(self) -> list[Json]:
        """The jobs on the screen: what a query found, else those of the lanes: running, paused, next, failed."""
        if self.found is not None:
            return list(self.found)
        lanes = self.snapshot["queues"] if self.snapshot else []
        found = [job for kind in ("running", "parked", "head", "failures") for lane in lanes for job in lane[kind]]
        return list({job["id"]: job for job in found}.values())

    def current(self) -> Json | None:
        return next((job for job in self.rows() if job["id"] == self.selected), None)

    def step(self, by: int) -> None:
        """Mark another row."""
        ids = [job["id"] for job in self.rows()]
        if not ids:
            self.selected = None
            return
        at = ids.index(self.selected) + by if self.selected in ids else (0 if by > 0 else len(ids) - 1)
        self.selected = ids[max(0, min(at, len(ids) - 1))]

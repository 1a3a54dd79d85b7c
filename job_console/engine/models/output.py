"""What a job has printed and logged, as far as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime | None
    #: Of a logger's record its level; "" for what was printed.
    level: str
    #: The logger, or `stdout`, `stderr`.
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Log:
    """The last kilobytes of one run."""

    #: When the run began, by the clock of its host.
    begun: datetime | None
    #: How many bytes it has written, and of these how many, the oldest, are not kept.
    written: int
    lost: int
    #: The run itself has said that this is all; or the reader of its host, that its process is gone.
    whole: bool
    died: bool
    entries: tuple[Entry, ...]

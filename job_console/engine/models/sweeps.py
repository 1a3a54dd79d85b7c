"""What sweeps know, do, and leave to each other: see `sweep` and `memory`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """When a duty of the sweep was last done, by whom, and how it went."""

    key: str
    at: datetime
    by: str  # HOST:PID
    site: str | None = None
    took_s: float = 0.0
    #: How often in a row it failed, and the last error.
    failures: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a record says of itself."""

    job_id: str
    status: str
    queue: str
    enqueued_at: str


@dataclass(frozen=True, slots=True)
class RecentWorker:
    """A worker, as sweeps last saw it."""

    name: str
    queues: tuple[str, ...]
    seen_at: datetime
    #: Since when its record is gone although it never recorded its own end. None: it was alive.
    lost_at: datetime | None = None
    host: str | None = None
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """What Redis held before it came back without it."""

    at: datetime
    jobs: int
    #: When that many were seen last.
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Surveyed:
    """How much of what waits was gone through for records that stand nowhere. `seen` of `of`: in the present round.

    A round goes through all records, in slices, by whoever looks: one that ended is `whole`.
    """

    seen: int = 0
    of: int = 0
    #: Those of `seen` that sweeps had gone through, of whichever process, and when they last went on.
    by_sweeps: int = 0
    swept_at: datetime | None = None
    #: When the last whole round ended, and whether sweeps did it.
    whole_at: datetime | None = None
    whole_by_sweeps: bool = False
    #: Jobs for which a deep lane is still being gone through.
    unsure: int = 0

    @property
    def share(self) -> float | None:
        """Of what waits. None: nothing waits, and not all records were gone through."""
        if self.whole_at is not None:
            return 1.0
        return min(self.seen / self.of, 0.99) if self.of else None


@dataclass(frozen=True, slots=True)
class Effort:
    """How far the survey goes on for one look: for about so long, in so many turns at most."""

    seconds: float
    turns: int | None = None
    #: Through everything, from the first record on.
    whole: bool = False
    #: Called after each turn.
    on_surveyed: Callable[[Surveyed], object] | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What one sweep leaves to the next looks, of whichever process. Empty when there was none lately."""

    #: When each finding was first seen, by `Warning.proof_key`.
    first_seen: Mapping[str, datetime] = field(default_factory=dict)
    #: The survey's place, and the records that stood nowhere: to be asked again.
    cursor: int = 0
    suspects: tuple[Claim, ...] = ()
    surveyed: Surveyed = field(default_factory=Surveyed)
    #: Workers that were seen lately, and whether Redis has lost its data; see `recent_workers` and `data_loss`.
    recent_workers: tuple[RecentWorker, ...] = ()
    lost: Lost | None = None
    #: Counts the sweeps: it never goes back while Redis keeps its data. 0: there has been none.
    sweeps: int = 0

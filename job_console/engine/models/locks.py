"""What is known of a lock, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..messages import _, joined


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who holds a lock or waits for one, in the words that the holder gave about itself."""

    job_id: str | None = None
    method: str | None = None
    worker: str | None = None
    host: str | None = None
    pid: int | None = None
    #: Of a process that does several things at once.
    thread: int | None = None
    user: str | None = None
    site: str | None = None

    def __str__(self) -> str:
        what = self.method or (_("job {job_id}").format(job_id=self.job_id) if self.job_id else "")
        whose = f"{self.user}" if self.user else ""
        where = _("process {pid} on {host}").format(pid=self.pid, host=self.host) if self.pid and self.host else ""
        return joined((what, whose, where), ", ") or _("somebody who did not say")


@dataclass(frozen=True, slots=True)
class Holder:
    lease: str
    who: Who
    token: int
    since: datetime
    ttl_s: float
    mode: str
    slots: int
    #: None where it is not known: the record alone does not say.
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiter:
    lease: str
    who: Who
    since: datetime
    alive_until: datetime
    mode: str
    slots: int


@dataclass(frozen=True, slots=True)
class PastHolder:
    who: Who
    token: int
    since: datetime
    ended_at: datetime
    #: released | lapsed | forced | abandoned
    how: str


@dataclass(frozen=True, slots=True)
class LockState:
    """One lock at one moment of the server's clock."""

    name: str
    holders: tuple[Holder, ...] = ()
    waiters: tuple[Waiter, ...] = ()
    past: tuple[PastHolder, ...] = ()
    fence: int = 0
    acquired: int = 0
    contended: int = 0
    gave_up: int = 0
    lapsed: int = 0
    forced: int = 0
    longest_hold_s: float = 0.0
    #: More may wait: of a long line its beginning is read.
    waiters_at_least: bool = False
    #: Holders beyond those that are named here.
    more_holders: int = 0

    @property
    def holders_total(self) -> int:
        return len(self.holders) + self.more_holders

    @property
    def site(self) -> str | None:
        """None: bench-wide."""
        return site_of(self.name)

    @property
    def state(self) -> str:
        if not self.holders:
            return "free"
        return "shared" if self.holders[0].mode == SHARED else "held"

    @property
    def slots(self) -> int | None:
        """How many may hold it at once; None: any number (shared), or nobody holds it."""
        counted = [holder.slots for holder in self.holders if holder.mode == COUNTED]
        return min(counted, default=None)


#: In the place of a site, for a lock of the whole bench.
BENCH_WIDE = "*"


def site_of(name: str) -> str | None:
    site, mark, _key = name.partition("|")
    return None if not mark or site == BENCH_WIDE else site


SHARED, COUNTED = "s", "c"

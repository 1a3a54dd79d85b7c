"""What is known of a lock, as frozen values."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from ..rq.payload import clean
from .steps import COUNTED, SHARED


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
        what = self.method or (f"job {self.job_id}" if self.job_id else "")
        whose = f"{self.user}" if self.user else ""
        where = f"process {self.pid} on {self.host}" if self.pid and self.host else ""
        return ", ".join(filter(None, (what, whose, where))) or "somebody who did not say"


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


ELSEWHERE = Who(method="another site")
Person = TypeVar("Person", Holder, Waiter, PastHolder)


def seen_from(site: str | None, person: Person) -> Person:
    """Who of another site it is, is not for this one; None sees all."""
    return person if site is None or person.who.site == site else replace(person, who=ELSEWHERE)


def full_name(key: str, site: str | None) -> str:
    return f"{site or BENCH_WIDE}|{key}"


def site_of(name: str) -> str | None:
    site, mark, _key = name.partition("|")
    return None if not mark or site == BENCH_WIDE else site


def moment(milliseconds: float | str) -> datetime:
    """Milliseconds of the server's clock; absurd ones are the epoch, never an error."""
    try:
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=float(milliseconds))
    except (ValueError, OverflowError):
        return datetime(1970, 1, 1, tzinfo=timezone.utc)


def who(info: str) -> Who:
    """Anybody may write to Redis: what is no record of ours says nothing."""
    try:
        said = json.loads(info)
    except ValueError:
        return Who()
    if not isinstance(said, dict):
        return Who()
    texts = {
        name: clean(value)
        for name in ("job_id", "method", "worker", "host", "user", "site")
        if isinstance(value := said.get(name), str) and value
    }
    pid, thread = (value if isinstance(value := said.get(name), int) else None for name in ("pid", "thread"))
    return Who(**texts, pid=pid, thread=thread)


def holder(lease: str, row: str, until: datetime | None = None) -> Holder | None:
    """TOKEN|SINCE|TTL|MODE|SLOTS|INFO; None when it is no such row."""
    parts = row.split("|", 5)
    if len(parts) != 6 or not _numbers(parts[0], parts[1], parts[2], parts[4]):
        return None
    token, since, ttl, mode, slots, info = parts
    return Holder(lease, who(info), int(token), moment(since), int(ttl) / 1000, mode, int(slots), until)


def waiter(lease: str, row: str) -> Waiter | None:
    """ALIVE UNTIL|SINCE|TTL|MODE|SLOTS|INFO"""
    parts = row.split("|", 5)
    if len(parts) != 6 or not _numbers(parts[0], parts[1], parts[2], parts[4]):
        return None
    alive_until, since, _ttl, mode, slots, info = parts
    return Waiter(lease, who(info), moment(since), moment(alive_until), mode, int(slots))


def past(row: str) -> PastHolder | None:
    """HOW|LEASE|ENDED|TOKEN|SINCE|TTL|MODE|SLOTS|INFO"""
    parts = row.split("|", 8)
    if len(parts) != 9 or not _numbers(*parts[2:5]):
        return None
    how, _lease, ended, token, since, _ttl, _mode, _slots, info = parts
    return PastHolder(who(info), int(token), moment(since), moment(ended), how)


def _numbers(*values: str) -> bool:
    return all(value.isascii() and value.isdecimal() and len(value) < 20 for value in values)

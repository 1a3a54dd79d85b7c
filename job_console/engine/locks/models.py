"""Parses the rows in which the scripts keep holders, waiters and past holders."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from ..messages import _
from ..models.locks import BENCH_WIDE, Holder, PastHolder, Waiter, Who
from ..rq.payload import clean

ELSEWHERE = Who(method=_("another site"))
Person = TypeVar("Person", Holder, Waiter, PastHolder)


def seen_from(site: str | None, person: Person) -> Person:
    """The person as a viewer of `site` may see it: nothing about people of other sites. `site` None sees all."""
    return person if site is None or person.who.site == site else replace(person, who=ELSEWHERE)


def full_name(key: str, site: str | None) -> str:
    return f"{site or BENCH_WIDE}|{key}"


def moment(milliseconds: float | str) -> datetime:
    """A moment from milliseconds of the server's clock; the epoch for a number that is out of range."""
    try:
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=float(milliseconds))
    except (ValueError, OverflowError):
        return datetime(1970, 1, 1, tzinfo=timezone.utc)


def who(info: str) -> Who:
    """From JSON; empty for anything that is not ours, since anybody may write to Redis."""
    try:
        plain = json.loads(info)
    except ValueError:
        return Who()
    if not isinstance(plain, dict):
        return Who()
    texts = {
        name: clean(value)
        for name in ("job_id", "method", "worker", "host", "user", "site")
        if isinstance(value := plain.get(name), str) and value
    }
    pid, thread = (value if isinstance(value := plain.get(name), int) else None for name in ("pid", "thread"))
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

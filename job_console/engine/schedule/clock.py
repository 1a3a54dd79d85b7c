"""A site's wall clock. Frappe keeps and compares times as its wall shows them, without a zone.

So what is due at 02:30 is due as soon as the wall shows 02:30 or later: when that hour is skipped, at the moment of the
change; when it comes twice, the first time.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(64)
def zone(name: str) -> tzinfo:
    """UTC where this machine does not know the name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return timezone.utc


def wall(moment: datetime, where: tzinfo) -> datetime:
    """What the wall shows at this moment."""
    return moment.astimezone(where).replace(tzinfo=None)


def reaches(shown: datetime, where: tzinfo) -> datetime:
    """The first moment at which the wall shows `shown` or later, in UTC."""
    first = shown.replace(tzinfo=where, fold=0).astimezone(timezone.utc)
    if wall(first, where) == shown.replace(fold=0):
        return first
    # Skipped: the change lies between what the offsets after and before it make of this time.
    before, after = shown.replace(tzinfo=where, fold=1).astimezone(timezone.utc), first
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if wall(middle, where) < shown:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)  # clocks change on a whole second, and `after` is less than one past it


def oddity(shown: datetime, where: tzinfo) -> str | None:
    """`skipped`: the wall never shows this; `twice`: it shows it two times; None: once."""
    first, second = (shown.replace(tzinfo=where, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    if first == second:
        return None
    return "twice" if wall(first, where) == shown.replace(fold=0) else "skipped"

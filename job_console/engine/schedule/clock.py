"""A site's wall clock: local times without a zone, as Frappe stores and compares them.

A run that is due at 02:30 is due as soon as the wall clock shows 02:30 or later. When that hour is skipped (daylight
saving), that is at the moment of the change; when it comes twice, at the first 02:30. A run that was missed until the
clocks are put back is due when the wall clock shows 02:30 the second time.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(64)
def zone(name: str) -> tzinfo:
    """The time zone of this name; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return timezone.utc


def wall(moment: datetime, where: tzinfo) -> datetime:
    """The local time at this moment."""
    return moment.astimezone(where).replace(tzinfo=None)


def reaches(shown: datetime, where: tzinfo, now: datetime | None = None) -> datetime:
    """The first moment, in UTC, at which the wall clock shows `shown` or later.

    `now`: for a time that comes twice, the answer is the second moment once the clocks have been put back behind the
    first one, or have shown it again. So the answer is not later than `now` exactly when the wall clock shows `shown`,
    or later, now.
    """
    first, second = _both(shown, where)
    if wall(first, where) == shown.replace(fold=0):
        again = now is not None and first < now and (second <= now or wall(now, where) < shown)
        return second if again else first
    # Skipped: the change is between the moments that the offsets after and before it give for this time.
    before, after = second, first
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if wall(middle, where) < shown:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)  # clocks change on a whole second, and `after` is less than one past it


def showed(shown: datetime, where: tzinfo, now: datetime) -> datetime:
    """The last moment until `now`, in UTC, at which the wall clock reached `shown`, a time in the past."""
    found = reaches(shown, where, now)
    return found if found <= now else reaches(shown, where)


def oddity(shown: datetime, where: tzinfo) -> str | None:
    """`skipped`: the wall clock never shows this time; `twice`: it shows it two times; None: once."""
    first, second = _both(shown, where)
    if first == second:
        return None
    return "twice" if wall(first, where) == shown.replace(fold=0) else "skipped"


def _both(shown: datetime, where: tzinfo) -> tuple[datetime, datetime]:
    """The moments that the offsets before and after a change give for this time; equal where there is no change."""
    first, second = (shown.replace(tzinfo=where, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    return first, second

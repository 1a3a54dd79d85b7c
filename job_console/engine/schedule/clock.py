"""A site's wall clock. Frappe keeps and compares times as its wall shows them, without a zone.

So what is due at 02:30 is due as soon as the wall shows 02:30 or later: when that hour is skipped, at the moment of the
change; when it comes twice, the first time. What has not run by the second time is not due before the wall shows 02:30
again.
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


def reaches(shown: datetime, where: tzinfo, now: datetime | None = None) -> datetime:
    """The first moment at which the wall shows `shown` or later, in UTC.

    `now`: where the wall shows it twice, the second moment as soon as the first one counts no more: the wall has gone
    back behind it, or has shown it again. So it is not later than `now` exactly when the wall shows it, or later, now.
    """
    first, second = _both(shown, where)
    if wall(first, where) == shown.replace(fold=0):
        again = now is not None and first < now and (second <= now or wall(now, where) < shown)
        return second if again else first
    # Skipped: the change lies between what the offsets after and before it make of this time.
    before, after = second, first
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if wall(middle, where) < shown:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)  # clocks change on a whole second, and `after` is less than one past it


def showed(shown: datetime, where: tzinfo, now: datetime) -> datetime:
    """The last moment until now at which the wall came to show what is over, in UTC."""
    found = reaches(shown, where, now)
    return found if found <= now else reaches(shown, where)


def oddity(shown: datetime, where: tzinfo) -> str | None:
    """`skipped`: the wall never shows this; `twice`: it shows it two times; None: once."""
    first, second = _both(shown, where)
    if first == second:
        return None
    return "twice" if wall(first, where) == shown.replace(fold=0) else "skipped"


def _both(shown: datetime, where: tzinfo) -> tuple[datetime, datetime]:
    """What the offsets before and after a change make of this time; the same, where there is none."""
    first, second = (shown.replace(tzinfo=where, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    return first, second

"""Schedules whose last run, or creation, lies in the future: Frappe counts from there, so nothing runs until then.

The setup wizard does this to all of a site that lies west of the zone it was created in, and a clock that was wrong, or
a backup of another zone, to some.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..models.schedule import Schedule, ScheduleEntry
from . import cron, limits

LAST_RUN, CREATION = "last run", "creation"


def delays(expression: str, base: datetime, wall_now: datetime) -> bool:
    """Whether a run is missed because it is counted from `base`; both as the site's wall clock shows them."""
    if base - wall_now <= timedelta(seconds=limits.FUTURE_S):
        return False
    usual, counted = cron.next_after(expression, wall_now), cron.next_after(expression, base)
    return usual is not None and (counted is None or usual < counted)


def held_up(schedule: Schedule, now: datetime) -> list[ScheduleEntry]:
    """Those that do not run for this reason, the one that waits longest last."""
    found = [
        (entry.future_at, entry)
        for entry in schedule.entries
        if entry.future_at and entry.future_at > now and not entry.stopped
    ]
    return [entry for _at, entry in sorted(found, key=lambda pair: pair[0])]


def words(entry: ScheduleEntry) -> str | None:
    """Of one entry; None: it is not so."""
    if entry.future_at is None:
        return None
    return f"Its {entry.future_of} lies in the future, and Frappe counts from there: nothing runs before."


def of(entries: Iterable[ScheduleEntry]) -> str:
    """What of them lies in the future: `last run`, `creation`, or both."""
    kinds = sorted({entry.future_of or LAST_RUN for entry in entries}, reverse=True)
    return " or ".join(kinds)

"""Schedules whose last run, or creation, is in the future: Frappe counts from there, so nothing runs until then.

The setup wizard causes this for all schedules of a site whose time zone is west of the one it was created in; a clock
that was wrong, or a backup from another zone, causes it for some.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..messages import _
from ..models.schedule import Schedule, ScheduleEntry
from . import cron, limits

LAST_RUN, CREATION = "last run", "creation"
_NAMES = {LAST_RUN: _("last run"), CREATION: _("creation")}


def delays(expression: str, base: datetime, wall_now: datetime) -> bool:
    """Whether a run is missed because Frappe counts from `base`. Both times are local times of the site."""
    if base - wall_now <= timedelta(seconds=limits.FUTURE_S):
        return False
    usual, counted = cron.next_after(expression, wall_now), cron.next_after(expression, base)
    return usual is not None and (counted is None or usual < counted)


def held_up(schedule: Schedule, now: datetime) -> list[ScheduleEntry]:
    """The entries that do not run for this reason, the one that waits longest last."""
    found = [
        (entry.future_at, entry)
        for entry in schedule.entries
        if entry.future_at and entry.future_at > now and not entry.stopped
    ]
    return [entry for _at, entry in sorted(found, key=lambda pair: pair[0])]


def words(entry: ScheduleEntry) -> str | None:
    """The sentence about one entry. None: its date is not in the future."""
    if entry.future_at is None:
        return None
    return _("Its {future_of} lies in the future, and Frappe counts from there: nothing runs before.").format(
        future_of=_NAMES.get(entry.future_of or "", entry.future_of)
    )


def of(entries: Iterable[ScheduleEntry]) -> str:
    """Which of their dates are in the future: `last run`, `creation`, or both."""
    kinds = sorted({entry.future_of or LAST_RUN for entry in entries}, reverse=True)
    names = [_NAMES.get(kind, kind) for kind in kinds]
    return names[0] if len(names) == 1 else _("{one} or {other}").format(one=names[0], other=names[1])

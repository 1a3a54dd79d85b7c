"""When schedules enqueue their jobs on an ordinary day: seconds of the day (UTC) of the next 24 hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ..errors import BadRequest
from ..messages import _
from ..models.schedule import Schedule, ScheduleEntry
from ..schedule import clock, cron
from ..schedule.check import mistake
from ..schedule.upcoming import Ticks
from .load import Key

Due = dict[Key, list[float]]


def times(
    schedules: Iterable[Schedule], now: datetime, moved: Mapping[str, str], site: str | None = None
) -> tuple[Due, Due]:
    """Those of all schedules that run, and of those that are moved (by name or method) the new ones: of every site that
    has one of that name, or of `site`. Raises BadRequest where there is none, or the cron expression is none."""
    before: Due = {}
    after: Due = {}
    left = dict(moved)
    for expression in moved.values():
        if wrong := mistake(expression):
            raise BadRequest(_("{text!r} is no cron expression: {wrong}").format(text=expression, wrong=wrong.message))
    entries = [
        (schedule, entry)
        for schedule in schedules
        if schedule.running
        for entry in schedule.entries
        if not entry.stopped and entry.due_at is not None
    ]
    for schedule, entry in entries:
        key = (entry.method, entry.queue)
        before.setdefault(key, []).extend(_seconds(schedule, entry.cron, now))
        name = _named(schedule, entry, moved, site)
        if name is not None:
            left.pop(name, None)
            after.setdefault(key, []).extend(_seconds(schedule, moved[name], now) or _one(schedule, moved[name], now))
    if left:
        raise BadRequest(_("There is no schedule {name} that runs.").format(name=next(iter(left))))
    for schedule, entry in entries:  # those of the same method that stay where they are
        key = (entry.method, entry.queue)
        if key in after and _named(schedule, entry, moved, site) is None:
            after[key] += _seconds(schedule, entry.cron, now)
    return before, after


def _named(schedule: Schedule, entry: ScheduleEntry, moved: Mapping[str, str], site: str | None) -> str | None:
    if site not in (None, schedule.site):
        return None
    return next((name for name in (entry.record, entry.method) if name in moved), None)


def names(schedules: Iterable[Schedule]) -> list[ScheduleEntry]:
    """Those that may be moved."""
    found = {entry.record: entry for schedule in schedules if schedule.running for entry in schedule.entries}
    return [entry for _name, entry in sorted(found.items()) if not entry.stopped and entry.due_at is not None]


def _seconds(schedule: Schedule, expression: str, now: datetime) -> list[float]:
    """At the ticks after its due times; due times before the same tick are one run."""
    where, ticks = clock.zone(schedule.zone), Ticks.of(schedule)
    first, last = clock.wall(now, where), clock.wall(now + timedelta(days=1), where)
    found: dict[float, None] = {}
    try:
        for shown in cron.read(expression).matches(first):
            if shown > last:
                break
            found[ticks.at_or_after(clock.reaches(shown, where, now).timestamp())] = None
    except ValueError:
        return []
    return [moment % 86_400 for moment in found]


def _one(schedule: Schedule, expression: str, now: datetime) -> list[float]:
    """Of one that is not due within a day: the time of day at which it is."""
    where = clock.zone(schedule.zone)
    shown = cron.next_after(expression, clock.wall(now, where))
    return [clock.reaches(shown, where, now).timestamp() % 86_400] if shown else []

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


def times(schedules: Iterable[Schedule], now: datetime, moved: Mapping[str, str]) -> tuple[Due, Due]:
    """Those of all schedules that run, and of those that are moved (by name or method) the new ones: of every site that
    has one of that name. Raises BadRequest where there is none, or the cron expression is none."""
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
        found = _seconds(schedule, entry.cron, now)
        before.setdefault(key, []).extend(found)
        named = next((name for name in (entry.record, entry.method) if name in moved), None)
        if named is not None:
            left.pop(named, None)
            after.setdefault(key, []).extend(_seconds(schedule, moved[named], now) or _one(schedule, moved[named], now))
    if left:
        raise BadRequest(_("There is no schedule {name} that runs.").format(name=next(iter(left))))
    for key, found in after.items():
        # Entries of the same method that stay where they are.
        found += [
            second
            for schedule, entry in entries
            if (entry.method, entry.queue) == key and not {entry.record, entry.method} & moved.keys()
            for second in _seconds(schedule, entry.cron, now)
        ]
    return before, after


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

"""When a cron expression matches, on a wall clock.

croniter defines what an expression means, because Frappe uses it: its grammar, and that a day of the month and a day of
the week, when both are given, are alternatives. `next_after` asks croniter for the one date that Frappe will compute.
Where many dates are needed, `Cron.matches` computes them a hundred times as fast; tests compare the two.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from ..messages import _
from . import limits

#: In `Cron.nth`: the last one of the month.
LAST = 0
#: How far ahead croniter looks for a date, and we do. A 29th of February comes every eighth year at the latest.
_YEARS = 50
#: A start for searches where any date will do.
SOME_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 - a wall has no zone


@dataclass(frozen=True, slots=True)
class Cron:
    """The values that match, by field. Weekdays count from Sunday, 0. None: any."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int] | None
    last_day: bool
    months: frozenset[int] | None
    weekdays: frozenset[int] | None
    #: Instead of `weekdays`: (weekday, which one of the month).
    nth: frozenset[tuple[int, int]]

    def matches(self, wall: datetime) -> Iterator[datetime]:
        """All matches later than `wall`, in order."""
        start = wall.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for day in self._dates(start.date()):
            first_day = day == start.date()
            for hour in self.hours[bisect_left(self.hours, start.hour) if first_day else 0 :]:
                first = first_day and hour == start.hour
                for minute in self.minutes[bisect_left(self.minutes, start.minute) if first else 0 :]:
                    yield datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall has no zone

    def _dates(self, start: date) -> Iterator[date]:
        year, month = start.year, start.month
        while year <= min(start.year + _YEARS, date.max.year):
            if self.months is None or month in self.months:
                for day in _days(self.days, self.last_day, self.weekdays, self.nth, year, month):
                    if (year, month, day) >= (start.year, start.month, start.day):
                        yield date(year, month, day)
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)


@lru_cache(4096)
def _days(
    days: frozenset[int] | None,
    last_day: bool,
    weekdays: frozenset[int] | None,
    nth: frozenset[tuple[int, int]],
    year: int,
    month: int,
) -> tuple[int, ...]:
    """The days of a month that match."""
    first, length = monthrange(year, month)

    def by_date(day: int) -> bool:
        return days is None or day in days or (last_day and day == length)

    def by_weekday(day: int) -> bool:
        weekday = (first + day) % 7
        if nth:
            return (weekday, (day - 1) // 7 + 1) in nth or (day + 7 > length and (weekday, LAST) in nth)
        return weekdays is None or weekday in weekdays

    free = days is None or (weekdays is None and not nth)
    # Both are given: one of them is enough. With `nth` croniter lets the weekday alone decide.
    either = (lambda day: by_weekday(day)) if nth else (lambda day: by_date(day) or by_weekday(day))
    both = lambda day: by_date(day) and by_weekday(day)  # noqa: E731
    return tuple(filter(both if free else either, range(1, length + 1)))


@lru_cache(limits.CRON_CACHE)
def read(expression: str) -> Cron:
    """Parse an expression. Raises ValueError when croniter does not accept it, or it has more than five fields, which
    the scheduler's ticks cannot distinguish. `check` tells where the mistake is.
    """
    from croniter import croniter  # many a bench that is looked at has no schedules

    if len(expression) > limits.CRON_CHARS:
        raise ValueError(_("It is too long."))
    found, nth = croniter.expand(expression)
    if len(found) != 5:
        raise ValueError(_("It has fields for seconds or years."))
    minutes, hours, days, months, weekdays = found
    return Cron(
        minutes=_numbers(minutes, range(60)),
        hours=_numbers(hours, range(24)),
        days=_set(days),
        last_day="l" in days,
        months=_set(months),
        weekdays=_set(weekdays),
        nth=frozenset(
            (int(day), which if isinstance(which, int) else LAST) for day, each in nth.items() for which in each
        ),
    )


def _numbers(found: Sequence[int | str], all_: range) -> tuple[int, ...]:
    return tuple(all_) if "*" in found else tuple(sorted({int(number) for number in found}))


def _set(found: Sequence[int | str]) -> frozenset[int] | None:
    return None if "*" in found else frozenset(number for number in found if isinstance(number, int))


@lru_cache(limits.CRON_CACHE)
def next_after(expression: str, wall: datetime) -> datetime | None:
    """The first match later than `wall`, by croniter itself with all its mistakes, since Frappe goes by it.

    None: there is none, or the expression cannot be read.
    """
    from croniter import croniter

    if len(expression) > limits.CRON_CHARS:
        return None
    try:
        found: datetime = croniter(expression, wall).get_next(datetime)
    except (ValueError, OverflowError):  # croniter's own errors are ValueErrors
        return None
    return found

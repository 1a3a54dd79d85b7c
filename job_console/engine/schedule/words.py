"""A cron expression in words. From what matches and not from how it is written: `*/15` and `0,15,30,45` read alike."""

from __future__ import annotations

from collections.abc import Sequence

from . import cron
from .cron import LAST, Cron
from .fields import MONTHS, WEEKDAYS

_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}
#: Times of a day that are told one by one.
_TIMES = 6


def words(expression: str) -> str:
    """`at 02:30, Monday to Friday`. An expression that cannot be read is returned as it is."""
    try:
        when = cron.read(expression)
    except ValueError:
        return expression
    return ", ".join(filter(None, (_time(when), _day(when), _month(when))))


def _time(when: Cron) -> str:
    minutes, hours = when.minutes, when.hours
    if len(minutes) * len(hours) <= _TIMES and len(hours) < 24:
        return "at " + _and([f"{hour:02}:{minute:02}" for hour in hours for minute in minutes])
    every_hour = _step(hours, 24) if len(hours) > 1 else 0
    pace = _pace(minutes)
    if every_hour == 1:
        return pace
    if every_hour:
        return f"{pace} every {every_hour} hours" + (f" from {hours[0]:02}:00" if hours[0] else "")
    return f"{pace} {_spans(hours)}"


def _pace(minutes: Sequence[int]) -> str:
    step = _step(minutes, 60)
    if step == 1:
        return "every minute"
    if step and len(minutes) > 1:
        return f"every {step} minutes" + (f" from minute {minutes[0]}" if minutes[0] else "")
    if minutes == (0,):
        return "every hour"
    if len(minutes) > _TIMES:
        return f"{len(minutes)} times an hour ({_runs(minutes)})"
    return f"at minute {_and([str(minute) for minute in minutes])} of every hour"


def _spans(hours: Sequence[int]) -> str:
    """`from 09:00 to 17:59`."""
    ranges = _ranges(hours)
    if len(ranges) > 1 and len(ranges) == len(hours):
        return "in the hours " + _and([str(hour) for hour in hours])
    return "from " + _and([f"{first:02}:00 to {last:02}:59" for first, last in ranges])


def _day(when: Cron) -> str:
    date, weekday = _date(when), _weekday(when)
    if date and weekday and not when.nth:
        return f"{date} or {weekday}"
    return weekday or date


def _date(when: Cron) -> str:
    if when.days is None:
        return ""
    days = sorted(when.days)
    told = [f"on day {_runs(days)} of the month"] if days else []
    return " and ".join(told + (["on the last day of the month"] if when.last_day else []))


def _weekday(when: Cron) -> str:
    if when.nth:
        ordered = sorted(when.nth, key=lambda pair: (pair[1] or 6, pair[0]))
        named = [f"{_ORDINALS[which]} {WEEKDAYS[day]}" for day, which in ordered]
        return f"on the {_and(named)} of the month"
    if when.weekdays is None:
        return ""
    # A week is told from Monday on.
    days = sorted(day or 7 for day in {day % 7 for day in when.weekdays})
    spans = [_named(first, last) for first, last in _ranges(days)]
    return ("" if " to " in spans[0] else "on ") + _and(spans)


def _named(first: int, last: int) -> str:
    names = [WEEKDAYS[day % 7] for day in (first, last)]
    return names[0] if first == last else f"{names[0]} {'and' if last == first + 1 else 'to'} {names[1]}"


def _month(when: Cron) -> str:
    if when.months is None:
        return ""
    spans = [(MONTHS[first - 1], MONTHS[last - 1]) for first, last in _ranges(sorted(when.months))]
    return "in " + _and([first if first == last else f"{first} to {last}" for first, last in spans])


def _step(numbers: Sequence[int], of: int) -> int:
    """The even distance of numbers round a clock of `of`; 0: they are not even."""
    if of % len(numbers):
        return 0
    step = of // len(numbers)
    return step if all(number == numbers[0] + step * place for place, number in enumerate(numbers)) else 0


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


def _runs(numbers: Sequence[int]) -> str:
    return _and([str(first) if first == last else f"{first} to {last}" for first, last in _ranges(numbers)])


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))

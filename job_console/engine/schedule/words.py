"""A cron expression in words. From what matches and not from how it is written: `*/15` and `0,15,30,45` read alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from . import cron
from .cron import LAST, Cron
from .fields import MONTHS, WEEKDAYS

_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}
#: So many times, hours or days are listed one by one.
_FEW = 6
#: Of the longest month.
_LAST_DAY = 31


def words(expression: str) -> str:
    """`at 02:30, Monday to Friday`. An expression that cannot be read is returned as it is."""
    try:
        when = cron.read(expression)
    except ValueError:
        return expression
    return ", ".join(filter(None, (_time(when), _day(when), _month(when))))


def _time(when: Cron) -> str:
    minutes, hours = when.minutes, when.hours
    isolated = len(_ranges(hours)) == len(hours) > 1
    step = _pace(hours) if len(hours) > _FEW else 0
    if len(minutes) * len(hours) <= _FEW or (len(minutes) == 1 and isolated and not step):
        return "at " + _and([f"{hour:02}:{minute:02}" for hour in hours for minute in minutes])
    if step > 1:
        return _every_few_hours(minutes, hours, step)
    if isolated:
        numbers = _and([str(hour) for hour in hours])
        return _within(minutes, f"in the hours {numbers}", f"of the hours {numbers}")
    if len(hours) == 24:
        return _within(minutes, "", "of every hour")
    spans = _and([f"from {first:02}:00 to {last:02}:59" for first, last in _ranges(hours)])
    return _within(minutes, spans, f"of every hour {spans}")


def _every_few_hours(minutes: Sequence[int], hours: Sequence[int], step: int) -> str:
    """`every 2 hours from 08:30 to 20:30`, `every 20 minutes in every second hour`."""
    first, last, round_the_clock = hours[0], hours[-1], _step(hours, 24) > 0
    if len(minutes) == 1:
        begin, end = (f"{hour:02}:{minutes[0]:02}" for hour in (first, last))
        if not round_the_clock:
            return f"every {step} hours from {begin} to {end}"
        late = f", at minute {minutes[0]}" if minutes[0] else ""
        return f"every {step} hours" + (f" from {begin}" if first else late)
    which = f"every {_ORDINALS[step]} hour"
    if not round_the_clock:
        which += f" from {first:02}:00 to {last:02}:59"
    elif first:
        which += f" from {first:02}:00"
    return _within(minutes, f"in {which}", f"of {which}")


def _within(minutes: Sequence[int], hours: str, of_hours: str) -> str:
    """The minutes with their hours, which are written in two ways: `every 10 minutes in the hours 3 and 7`, and
    `at minutes 5 and 10 of the hours 3 and 7`. Without `hours`: of every hour."""
    step = _step(minutes, 60)
    if step == 1:
        reported = "every minute"
    elif step and len(minutes) > 1:
        reported = f"every {step} minutes" + (f" from minute {minutes[0]}" if minutes[0] else "")
        if minutes[0] and hours.startswith("from"):
            reported += ","
    elif minutes == (0,):
        reported = "every hour"
    elif len(minutes) > _FEW:
        reported = f"{len(minutes)} times an hour ({_runs(minutes)})"
    else:
        return f"at {_many('minute', minutes)} {of_hours}"
    return f"{reported} {hours}".rstrip()


def _day(when: Cron) -> str:
    date, weekday = _date(when), _weekday(when)
    if date and weekday and not when.nth:
        return f"{date} or {weekday}"
    return weekday or date


def _date(when: Cron) -> str:
    if when.days is None:
        return ""
    days = sorted(when.days)
    reported = [f"on {_days(days)}"] if days else []
    return " and ".join(reported + (["on the last day of the month"] if when.last_day else []))


def _days(days: Sequence[int]) -> str:
    step = _pace(days) if len(days) > _FEW else 0
    if step <= 1:
        return f"{_many('day', days)} of the month"
    end = f" to {days[-1]}" if days[-1] + step <= _LAST_DAY else ""
    return f"every {_ORDINALS[step]} day of the month from day {days[0]}{end}"


def _weekday(when: Cron) -> str:
    if when.nth:
        ordered = sorted(when.nth, key=lambda pair: (pair[1] or 6, pair[0]))
        named = [f"{_ORDINALS[which]} {WEEKDAYS[day]}" for day, which in ordered]
        return f"on the {_and(named)} of the month"
    if when.weekdays is None:
        return ""
    # A week is listed from Monday on.
    days = sorted(day or 7 for day in {day % 7 for day in when.weekdays})
    spans = [
        f"{WEEKDAYS[first % 7]} to {WEEKDAYS[last % 7]}" if first != last else WEEKDAYS[first % 7]
        for first, last in _spans(days)
    ]
    return ("" if " to " in spans[0] else "on ") + _and(spans)


def _month(when: Cron) -> str:
    if when.months is None:
        return ""
    spans = _spans(sorted(when.months))
    reported = [f"from {MONTHS[first - 1]} to {MONTHS[last - 1]}" for first, last in spans if first != last]
    single = [MONTHS[first - 1] for first, last in spans if first == last]
    return _and(reported + ([f"in {_and(single)}"] if single else []))


def _pace(numbers: Sequence[int]) -> int:
    """The distance of numbers that follow each other evenly; 0: they do not."""
    steps = {later - number for number, later in pairwise(numbers)}
    return steps.pop() if len(steps) == 1 else 0


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


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges of three or more; two that follow each other are listed one by one."""
    found: list[tuple[int, int]] = []
    for first, last in _ranges(numbers):
        found += [(first, last)] if last > first + 1 else [(number, number) for number in range(first, last + 1)]
    return found


def _runs(numbers: Sequence[int]) -> str:
    return _and([str(first) if first == last else f"{first} to {last}" for first, last in _spans(numbers)])


def _many(what: str, numbers: Sequence[int]) -> str:
    """`minutes 5 and 10`."""
    return f"{what}{'s' * (len(numbers) > 1)} {_runs(numbers)}"


def _and(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))

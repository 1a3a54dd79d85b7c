"""A cron expression in words. From what matches and not from how it is written: `*/15` and `0,15,30,45` read alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..messages import _, joined, listed
from . import cron
from .cron import LAST, Cron
from .fields import MONTHS, WEEKDAYS

_ORDINALS = {1: _("first"), 2: _("second"), 3: _("third"), 4: _("fourth"), 5: _("fifth"), LAST: _("last")}
_EVERY_HOUR = {
    2: _("every second hour"),
    3: _("every third hour"),
    4: _("every fourth hour"),
    5: _("every fifth hour"),
}
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
    return joined((_time(when), _day(when), _month(when)), ", ")


def _time(when: Cron) -> str:
    minutes, hours = when.minutes, when.hours
    isolated = len(_ranges(hours)) == len(hours) > 1
    step = _pace(hours) if len(hours) > _FEW else 0
    if len(minutes) * len(hours) <= _FEW or (len(minutes) == 1 and isolated and not step):
        times = [f"{hour:02}:{minute:02}" for hour in hours for minute in minutes]
        return _("at {times}").format(times=listed(times))
    if step > 1:
        return _every_few_hours(minutes, hours, step)
    if isolated:
        numbers = listed([str(hour) for hour in hours])
        return _within(
            minutes,
            _("in the hours {numbers}").format(numbers=numbers),
            _("of the hours {numbers}").format(numbers=numbers),
        )
    if len(hours) == 24:
        return _within(minutes, "", _("of every hour"))
    spans = listed(
        [_("from {first:02}:00 to {last:02}:59").format(first=first, last=last) for first, last in _ranges(hours)]
    )
    return _within(minutes, spans, _("of every hour {spans}").format(spans=spans))


def _every_few_hours(minutes: Sequence[int], hours: Sequence[int], step: int) -> str:
    """`every 2 hours from 08:30 to 20:30`, `every 20 minutes in every second hour`."""
    first, last, round_the_clock = hours[0], hours[-1], _step(hours, 24) > 0
    if len(minutes) == 1:
        begin, end = (f"{hour:02}:{minutes[0]:02}" for hour in (first, last))
        if not round_the_clock:
            return _("every {step} hours from {begin} to {end}").format(step=step, begin=begin, end=end)
        every = _("every {step} hours").format(step=step)
        if first:
            return _("{every} from {begin}").format(every=every, begin=begin)
        return _("{every}, at minute {minute}").format(every=every, minute=minutes[0]) if minutes[0] else every
    span = ""
    if not round_the_clock:
        span = _("from {first:02}:00 to {last:02}:59").format(first=first, last=last)
    elif first:
        span = _("from {first:02}:00").format(first=first)
    return _within(
        minutes,
        _("in {every_hour} {span}").format(every_hour=_EVERY_HOUR[step], span=span),
        _("of {every_hour} {span}").format(every_hour=_EVERY_HOUR[step], span=span),
    )


def _within(minutes: Sequence[int], hours: str, of_hours: str) -> str:
    """The minutes with their hours, which are written in two ways: `every 10 minutes in the hours 3 and 7`, and
    `at minutes 5 and 10 of the hours 3 and 7`. Without `hours`: of every hour."""
    step = _step(minutes, 60)
    if step == 1:
        reported = _("every minute")
    elif step and len(minutes) > 1:
        reported = _("every {step} minutes").format(step=step)
        if minutes[0]:
            reported = _("every {step} minutes from minute {minute}").format(step=step, minute=minutes[0])
            if hours.startswith("from"):
                reported = joined((reported, ","), "")
    elif minutes == (0,):
        reported = _("every hour")
    elif len(minutes) > _FEW:
        reported = _("{count} times an hour ({runs})").format(count=len(minutes), runs=_runs(minutes))
    else:
        said = _("minute {numbers}") if len(minutes) == 1 else _("minutes {numbers}")
        return _("at {minutes} {of_hours}").format(minutes=said.format(numbers=_runs(minutes)), of_hours=of_hours)
    return joined((reported, hours))


def _day(when: Cron) -> str:
    date, weekday = _date(when), _weekday(when)
    if date and weekday and not when.nth:
        return _("{date} or {weekday}").format(date=date, weekday=weekday)
    return weekday or date


def _date(when: Cron) -> str:
    if when.days is None:
        return ""
    days = sorted(when.days)
    reported: list[str] = [_("on {days}").format(days=_days(days))] if days else []
    return listed(reported + ([_("on the last day of the month")] if when.last_day else []))


def _days(days: Sequence[int]) -> str:
    step = _pace(days) if len(days) > _FEW else 0
    if step <= 1:
        said = _("day {numbers} of the month") if len(days) == 1 else _("days {numbers} of the month")
        return said.format(numbers=_runs(days))
    text = _("every {ordinal} day of the month from day {first}")
    if days[-1] + step <= _LAST_DAY:
        text = _("every {ordinal} day of the month from day {first} to {last}")
    return text.format(ordinal=_ORDINALS[step], first=days[0], last=days[-1])


def _weekday(when: Cron) -> str:
    if when.nth:
        ordered = sorted(when.nth, key=lambda pair: (pair[1] or 6, pair[0]))
        named = [
            _("{ordinal} {weekday}").format(ordinal=_ORDINALS[which], weekday=WEEKDAYS[day]) for day, which in ordered
        ]
        return _("on the {weekdays} of the month").format(weekdays=listed(named))
    if when.weekdays is None:
        return ""
    # A week is listed from Monday on.
    days = sorted(day or 7 for day in {day % 7 for day in when.weekdays})
    ranges = _spans(days)
    spans = [
        _("{first} to {last}").format(first=WEEKDAYS[first % 7], last=WEEKDAYS[last % 7])
        if first != last
        else WEEKDAYS[first % 7]
        for first, last in ranges
    ]
    one_day = ranges[0][0] == ranges[0][1]
    return _("on {weekdays}").format(weekdays=listed(spans)) if one_day else listed(spans)


def _month(when: Cron) -> str:
    if when.months is None:
        return ""
    spans = _spans(sorted(when.months))
    reported: list[str] = [
        _("from {first} to {last}").format(first=MONTHS[first - 1], last=MONTHS[last - 1])
        for first, last in spans
        if first != last
    ]
    single = [MONTHS[first - 1] for first, last in spans if first == last]
    return listed(reported + ([_("in {months}").format(months=listed(single))] if single else []))


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
    return listed(
        [
            str(first) if first == last else _("{first} to {last}").format(first=first, last=last)
            for first, last in _spans(numbers)
        ]
    )

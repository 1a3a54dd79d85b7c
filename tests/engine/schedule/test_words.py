"""Cron expressions in words, and what is wrong with those that are no good."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from job_console.engine.schedule import cron
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule.check import mistake
from job_console.engine.schedule.fields import FIELDS
from job_console.engine.schedule.words import words
from tests.support.sizes import sized

from .expressions import expressions

WORDS = {
    # Minutes.
    "* * * * *": "every minute",
    "*/4 * * * *": "every 4 minutes",
    "0,15,30,45 * * * *": "every 15 minutes",
    "5/15 * * * *": "every 15 minutes from minute 5",
    "0 * * * *": "every hour",
    "27 * * * *": "at minute 27 of every hour",
    "10,40 * * * *": "every 30 minutes from minute 10",
    "*/7 * * * *": "9 times an hour (0, 7, 14, 21, 28, 35, 42, 49 and 56)",
    "*/45 * * * *": "at minutes 0 and 45 of every hour",
    "5,10 * * * *": "at minutes 5 and 10 of every hour",
    "0-29 * * * *": "30 times an hour (0 to 29)",
    "0,1 * * * *": "at minutes 0 and 1 of every hour",
    # Hours.
    "0 0 * * *": "at 00:00",
    "@daily": "at 00:00",
    "*/10 9-17 * * *": "every 10 minutes from 09:00 to 17:59",
    "* 3 * * *": "every minute from 03:00 to 03:59",
    "0 */6 * * *": "at 00:00, 06:00, 12:00 and 18:00",
    "*/20 */2 * * *": "every 20 minutes in every second hour",
    "*/20 1-23/2 * * *": "every 20 minutes in every second hour from 01:00",
    "*/20 3,7 * * *": "at 03:00, 03:20, 03:40, 07:00, 07:20 and 07:40",
    "*/10 3,7 * * *": "every 10 minutes in the hours 3 and 7",
    "0 */2 * * *": "every 2 hours",
    "30 */2 * * *": "every 2 hours, at minute 30",
    "0 1-23/2 * * *": "every 2 hours from 01:00",
    "15 1-23/2 * * *": "every 2 hours from 01:15",
    "0 */3 * * *": "every 3 hours",
    "5 */3 * * *": "every 3 hours, at minute 5",
    "0 2-23/3 * * *": "every 3 hours from 02:00",
    "0 */4 * * *": "at 00:00, 04:00, 08:00, 12:00, 16:00 and 20:00",
    "0 */5 * * *": "at 00:00, 05:00, 10:00, 15:00 and 20:00",
    "30 */5 * * *": "at 00:30, 05:30, 10:30, 15:30 and 20:30",
    "0,30 */5 * * *": "every 30 minutes in the hours 0, 5, 10, 15 and 20",
    "0 */7 * * *": "at 00:00, 07:00, 14:00 and 21:00",
    "0 */12 * * *": "at 00:00 and 12:00",
    "0,30 */2 * * *": "every 30 minutes in every second hour",
    "5,10 */2 * * *": "at minutes 5 and 10 of every second hour",
    "* */2 * * *": "every minute in every second hour",
    "*/7 */2 * * *": "9 times an hour (0, 7, 14, 21, 28, 35, 42, 49 and 56) in every second hour",
    "5/15 */2 * * *": "every 15 minutes from minute 5 in every second hour",
    "10,15 1-23/2 * * *": "at minutes 10 and 15 of every second hour from 01:00",
    "*/15 */4 * * *": "every 15 minutes in the hours 0, 4, 8, 12, 16 and 20",
    "*/15 */6 * * *": "every 15 minutes in the hours 0, 6, 12 and 18",
    "0 0-18/3 * * *": "every 3 hours from 00:00 to 18:00",
    "0 0-20/2 * * *": "every 2 hours from 00:00 to 20:00",
    "5,10 9-17 * * *": "at minutes 5 and 10 of every hour from 09:00 to 17:59",
    "0 8-12,14-18 * * *": "every hour from 08:00 to 12:59 and from 14:00 to 18:59",
    "*/10 8-12,14 * * *": "every 10 minutes from 08:00 to 12:59 and from 14:00 to 14:59",
    "0 1,3,7,9,12,15,18,22 * * *": "at 01:00, 03:00, 07:00, 09:00, 12:00, 15:00, 18:00 and 22:00",
    "10,20 1,3,7,9,12,15,18,22 * * *": "at minutes 10 and 20 of the hours 1, 3, 7, 9, 12, 15, 18 and 22",
    "* 3,7 * * *": "every minute in the hours 3 and 7",
    "0 22-23,0-6 * * *": "every hour from 00:00 to 06:59 and from 22:00 to 23:59",
    "0 0-22 * * *": "every hour from 00:00 to 22:59",
    "0 2-22/2 * * *": "every 2 hours from 02:00 to 22:00",
    "*/30 */3 * * *": "every 30 minutes in every third hour",
    "0 6,18 * * *": "at 06:00 and 18:00",
    # Days of the month.
    "0 0 1 * *": "at 00:00, on day 1 of the month",
    "0 0 1-3,15 * *": "at 00:00, on days 1 to 3 and 15 of the month",
    "0 0 l * *": "at 00:00, on the last day of the month",
    "0 0 1,15 * *": "at 00:00, on days 1 and 15 of the month",
    "0 0 1-7 * *": "at 00:00, on days 1 to 7 of the month",
    "0 0 */2 * *": "at 00:00, on every second day of the month from day 1",
    "0 0 2-31/2 * *": "at 00:00, on every second day of the month from day 2",
    "0 0 1-21/2 * *": "at 00:00, on every second day of the month from day 1 to 21",
    "0 0 */3 * *": "at 00:00, on every third day of the month from day 1",
    "0 0 */10 * *": "at 00:00, on days 1, 11, 21 and 31 of the month",
    "0 0 */5 * *": "at 00:00, on every fifth day of the month from day 1",
    "0 0 1-15 * *": "at 00:00, on days 1 to 15 of the month",
    "0 0 1,2 * *": "at 00:00, on days 1 and 2 of the month",
    "0 0 15,l * *": "at 00:00, on day 15 of the month and on the last day of the month",
    "@monthly": "at 00:00, on day 1 of the month",
    "0 0 */4 * *": "at 00:00, on every fourth day of the month from day 1",
    "0 0 28-31 * *": "at 00:00, on days 28 to 31 of the month",
    "30 8 1,15 * *": "at 08:30, on days 1 and 15 of the month",
    # Days of the week.
    "30 2 * * 1-5": "at 02:30, Monday to Friday",
    "0 0 * * 0": "at 00:00, on Sunday",
    "0 0 * * 6,7": "at 00:00, on Saturday and Sunday",
    "0 9-17 * * 1-5": "every hour from 09:00 to 17:59, Monday to Friday",
    "0 0 * * fri#2": "at 00:00, on the second Friday of the month",
    "0 0 * * L5": "at 00:00, on the last Friday of the month",
    "0 8-20/2 * * 1-5": "every 2 hours from 08:00 to 20:00, Monday to Friday",
    "30 8-20/2 * * 1-5": "every 2 hours from 08:30 to 20:30, Monday to Friday",
    "*/15 8-20/2 * * 1-5": "every 15 minutes in every second hour from 08:00 to 20:59, Monday to Friday",
    "30 9-17 * * 1-5": "at minute 30 of every hour from 09:00 to 17:59, Monday to Friday",
    "0,30 9-17 * * 1-5": "every 30 minutes from 09:00 to 17:59, Monday to Friday",
    "15,45 9-17 * * 1-5": "every 30 minutes from minute 15, from 09:00 to 17:59, Monday to Friday",
    "*/5 8-18 * * 1-5": "every 5 minutes from 08:00 to 18:59, Monday to Friday",
    "0 0 * * 1,2,4,5": "at 00:00, on Monday, Tuesday, Thursday and Friday",
    "0 0 * * 1,3,5": "at 00:00, on Monday, Wednesday and Friday",
    "0 0 * * 1-3,5": "at 00:00, Monday to Wednesday and Friday",
    "0 0 * * 1,2,5": "at 00:00, on Monday, Tuesday and Friday",
    "0 0 * * */2": "at 00:00, on Tuesday, Thursday, Saturday and Sunday",
    "0 0 * * 0-6": "at 00:00",
    "0 0 * * 5-7": "at 00:00, Friday to Sunday",
    "0 0 * * 1#1,3#3": "at 00:00, on the first Monday and third Wednesday of the month",
    "@weekly": "at 00:00, on Sunday",
    "0 0 * * 3": "at 00:00, on Wednesday",
    # Months, and several.
    "0 0 13 * 5": "at 00:00, on day 13 of the month or on Friday",
    "0 0 1 1 *": "at 00:00, on day 1 of the month, in January",
    "0 0 1 4-6,12 *": "at 00:00, on day 1 of the month, from April to June and in December",
    "0 0 1 * 1-5": "at 00:00, on day 1 of the month or Monday to Friday",
    "0 0 1 */3 *": "at 00:00, on day 1 of the month, in January, April, July and October",
    "0 0 1 1,2 *": "at 00:00, on day 1 of the month, in January and February",
    "0 0 1 6-8 *": "at 00:00, on day 1 of the month, from June to August",
    "0 0 1 1,7 *": "at 00:00, on day 1 of the month, in January and July",
    "0 */2 * 6-8 1-5": "every 2 hours, Monday to Friday, from June to August",
    "30 */2 1 1 *": "every 2 hours, at minute 30, on day 1 of the month, in January",
    "0 0 * 1-3,7-9,12 *": "at 00:00, from January to March, from July to September and in December",
    "0 0 * 1-11/2 *": "at 00:00, in January, March, May, July, September and November",
    "0 0 */2 * 1": "at 00:00, on every second day of the month from day 1 or on Monday",
    "nonsense": "nonsense",
}


@pytest.mark.parametrize(("expression", "said"), WORDS.items(), ids=list(WORDS))
def test_in_words(expression: str, said: str) -> None:
    assert words(expression) == said


@settings(max_examples=sized(80, 300))
@given(expression=expressions())
def test_words_come_from_what_matches(expression: str) -> None:
    """However the minutes are written."""
    when = cron.read(expression)
    respelled = " ".join([",".join(map(str, when.minutes)), ",".join(map(str, when.hours)), *expression.split()[2:]])
    assume(len(respelled) <= schedule_limits.CRON_CHARS)
    assert words(expression) == words(respelled)


def _steps(number: int) -> list[str]:
    """Every `A-B/N` of a field."""
    numbers = FIELDS[number].numbers
    return [
        f"{first}-{last}/{step}"
        for first in numbers
        for last in numbers
        for step in numbers
        if first < last and 0 < step < last
    ]


def test_different_times_have_different_words() -> None:
    minutes = ["0", "30", "5,10", "*/20", "5/15", "*", "*/7"]
    reported = [f"{minute} {hour} * * *" for minute in minutes for hour in _steps(1)[::7]]
    reported += [f"0 0 {days} * *" for days in _steps(2)[::7]]
    meanings: dict[str, set[object]] = {}
    for expression in reported:
        meanings.setdefault(words(expression), set()).add(cron.read.__wrapped__(expression))
    assert {said: meant for said, meant in meanings.items() if len(meant) > 1} == {}


#: Expression → what is marked in it, and the beginning of what is said.
MISTAKES = {
    "": ("", "Say when, in five fields: minute, hour, day of the month, month, day of the week."),
    "   ": ("", "Say when"),
    "* * * *": ("", "It ends too early: five fields are needed, missing: day of the week."),
    "* * * * * 2026": ("2026", "6 fields are too many"),
    "60 * * * *": ("60", "The minute goes from 0 to 59, not 60."),
    "0 24 * * *": ("24", "The hour goes from 0 to 23, not 24."),
    "0 0 0 * *": ("0", "The day of the month goes from 1 to 31, not 0."),
    "0 0 * 1,13 *": ("13", "The month goes from 1 to 12, not 13."),
    "0 0 * * 1,8": ("8", "The day of the week goes from 0 to 7, not 8."),
    "*/0 * * * *": ("*/0", "A step of 0 leads nowhere."),
    "1,,2 * * * *": ("", "Something is missing beside a comma in the minute."),
    "0 x * * *": ("x", "x cannot be read as an hour: use * or 0 to 23; lists"),
    "0 0 * foo *": ("foo", "foo cannot be read as a month: use * or 1 to 12 or jan to dec; lists"),
    "0 0 * * mon#6": ("mon#6", "mon#6 cannot be read as a day of the week"),
    "0 0 * * 1,fri#2": ("1,fri#2", "A numbered day of the week such as fri#2 cannot stand beside a plain one."),
    "5-5 * * * *": ("5-5", "5-5 is one value to one croniter, and all values to the next: write 5 or *."),
    "0 0 * * mon,Fri-fri": ("Fri-fri", "Fri-fri is one value to one croniter"),
    "r * * * *": ("r", "r leaves the minute to chance"),
    "0 h(1-5) * * *": ("h(1-5)", "h(1-5) leaves the hour to chance"),
    "0 0 30 2 *": ("0 0 30 2 *", "No date matches it, so it would never run"),
    "@often": ("@often", "There is no @often. There are: @hourly"),
    "1" * 141: ("1", "It is longer than 140 characters."),
}


@pytest.mark.parametrize(("expression", "reported"), MISTAKES.items(), ids=[text[:20] for text in MISTAKES])
def test_what_is_wrong_and_where(expression: str, reported: tuple[str, str]) -> None:
    found = mistake(expression)
    assert found is not None
    assert expression[found.start : found.end] == reported[0]
    assert found.message.startswith(reported[1])


def test_the_place_is_that_of_the_wrong_one_of_two_that_look_alike() -> None:
    found = mistake("9,9 9,9 9,9 9,99 9")
    assert found is not None
    assert (found.start, found.end, found.field) == (14, 16, "month")


@pytest.mark.parametrize("expression", [each for each in WORDS if each != "nonsense"])
def test_what_is_right(expression: str) -> None:
    assert mistake(expression) is None


@settings(max_examples=sized(80, 300), deadline=None)
@given(expression=expressions())
def test_what_is_found_right_is_worked_out_and_what_is_found_wrong_is_not(expression: str) -> None:
    assert (mistake(expression) is None) == (cron.next_after(expression, cron.SOME_DAY) is not None)

"""Cron expressions in words, and what is wrong with those that are no good."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from job_console.engine import limits
from job_console.engine.schedule import cron
from job_console.engine.schedule.check import mistake
from job_console.engine.schedule.words import words

from .expressions import expressions

WORDS = {
    "* * * * *": "every minute",
    "*/4 * * * *": "every 4 minutes",
    "0,15,30,45 * * * *": "every 15 minutes",
    "5/15 * * * *": "every 15 minutes from minute 5",
    "0 * * * *": "every hour",
    "27 * * * *": "at minute 27 of every hour",
    "10,40 * * * *": "every 30 minutes from minute 10",
    "0 0 * * *": "at 00:00",
    "@daily": "at 00:00",
    "30 2 * * 1-5": "at 02:30, Monday to Friday",
    "0 0 * * 0": "at 00:00, on Sunday",
    "0 0 * * 6,7": "at 00:00, on Saturday and Sunday",
    "0 9-17 * * 1-5": "every hour from 09:00 to 17:59, Monday to Friday",
    "*/10 9-17 * * *": "every 10 minutes from 09:00 to 17:59",
    "* 3 * * *": "every minute from 03:00 to 03:59",
    "0 */6 * * *": "at 00:00, 06:00, 12:00 and 18:00",
    "*/20 */2 * * *": "every 20 minutes every 2 hours",
    "*/20 1-23/2 * * *": "every 20 minutes every 2 hours from 01:00",
    "*/20 3,7 * * *": "at 03:00, 03:20, 03:40, 07:00, 07:20 and 07:40",
    "*/10 3,7 * * *": "every 10 minutes in the hours 3 and 7",
    "*/7 * * * *": "9 times an hour (0, 7, 14, 21, 28, 35, 42, 49 and 56)",
    "0 0 1 * *": "at 00:00, on day 1 of the month",
    "0 0 1-3,15 * *": "at 00:00, on day 1 to 3 and 15 of the month",
    "0 0 l * *": "at 00:00, on the last day of the month",
    "0 0 13 * 5": "at 00:00, on day 13 of the month or on Friday",
    "0 0 * * fri#2": "at 00:00, on the second Friday of the month",
    "0 0 * * L5": "at 00:00, on the last Friday of the month",
    "0 0 1 1 *": "at 00:00, on day 1 of the month, in January",
    "0 0 1 4-6,12 *": "at 00:00, on day 1 of the month, in April to June and December",
    "nonsense": "nonsense",
}


@pytest.mark.parametrize(("expression", "said"), WORDS.items(), ids=list(WORDS))
def test_in_words(expression: str, said: str) -> None:
    assert words(expression) == said


@settings(max_examples=300)
@given(expression=expressions())
def test_words_come_from_what_matches(expression: str) -> None:
    """However the minutes are written."""
    when = cron.read(expression)
    respelled = " ".join([",".join(map(str, when.minutes)), ",".join(map(str, when.hours)), *expression.split()[2:]])
    assume(len(respelled) <= limits.CRON_CHARS)
    assert words(expression) == words(respelled)


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


@pytest.mark.parametrize(("expression", "told"), MISTAKES.items(), ids=[text[:20] for text in MISTAKES])
def test_what_is_wrong_and_where(expression: str, told: tuple[str, str]) -> None:
    found = mistake(expression)
    assert found is not None
    assert expression[found.start : found.end] == told[0]
    assert found.message.startswith(told[1])


def test_the_place_is_that_of_the_wrong_one_of_two_that_look_alike() -> None:
    found = mistake("9,9 9,9 9,9 9,99 9")
    assert found is not None
    assert (found.start, found.end, found.field) == (14, 16, "month")


@pytest.mark.parametrize("expression", [each for each in WORDS if each != "nonsense"])
def test_what_is_right(expression: str) -> None:
    assert mistake(expression) is None


@settings(max_examples=300, deadline=None)
@given(expression=expressions())
def test_what_is_found_right_is_worked_out_and_what_is_found_wrong_is_not(expression: str) -> None:
    assert (mistake(expression) is None) == (cron.next_after(expression, cron.SOME_DAY) is not None)

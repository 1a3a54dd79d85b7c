"""Finds the first mistake in a cron expression. croniter decides what is valid; it is asked for each part."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import cron, limits
from .fields import ALIASES, FIELDS, Field

_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"\d+")
#: From a value to itself: once round in newer versions of croniter, nowhere in older ones.
_ROUND = re.compile(r"(\w+)-\1(/.*)?", re.IGNORECASE)
#: croniter chooses these at random, or by a hash of an id, so the times of such a schedule are not known in advance.
_CHANCE = re.compile(r"[hr](\(|/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mistake:
    """`start` to `end`: the characters that are wrong. `field`: its name, where it is in one."""

    message: str
    start: int = 0
    end: int = 0
    field: str | None = None


def mistake(expression: str) -> Mistake | None:
    """The first mistake. None: the expression is valid for Frappe."""
    found = _shape(expression) or _fields(expression)
    if found is None and cron.next_after(expression, cron.SOME_DAY) is None:
        return _at(expression, "No date matches it, so it would never run; and Frappe's scheduler breaks off there.")
    return found


def _shape(expression: str) -> Mistake | None:
    words = list(_WORD.finditer(expression))
    if not words:
        return Mistake("Say when, in five fields: minute, hour, day of the month, month, day of the week.")
    if len(expression) > limits.CRON_CHARS:
        return Mistake(f"It is longer than {limits.CRON_CHARS} characters.", limits.CRON_CHARS, len(expression))
    if expression.startswith("@"):
        if expression.lower() in ALIASES:
            return None
        return _at(expression, f"There is no {expression.split()[0]}. There are: {', '.join(ALIASES)}.")
    if len(words) < 5:
        missing = ", ".join(field.name for field in FIELDS[len(words) :])
        return Mistake(
            f"It ends too early: five fields are needed, missing: {missing}.", len(expression), len(expression)
        )
    if len(words) > 5:
        return Mistake(
            f"{len(words)} fields are too many: there are {', '.join(field.name for field in FIELDS)}.",
            words[5].start(),
            words[-1].end(),
        )
    return None


def _fields(expression: str) -> Mistake | None:
    if expression.startswith("@"):
        return None
    for number, (field, word) in enumerate(zip(FIELDS, _WORD.finditer(expression), strict=True)):
        start, right = word.start(), _accepted(number, word[0])
        for part in word[0].split(","):
            if (not right and not _accepted(number, part)) or _ROUND.fullmatch(part):
                return Mistake(_why(field, part), start, start + len(part), field.name)
            start += len(part) + 1
        if right:
            continue
        # Each alone is right: croniter takes either plain weekdays or numbered ones.
        return Mistake(
            f"A numbered {field.name} such as fri#2 cannot stand beside a plain one.", *word.span(), field.name
        )
    return None


def _accepted(number: int, text: str) -> bool:
    """Whether croniter accepts `text` in this field, with `*` in the others."""
    from croniter import croniter

    if _CHANCE.match(text):
        return False
    others = ["*"] * len(FIELDS)
    others[number] = text
    try:
        croniter.expand(" ".join(others))
    except (ValueError, TypeError, KeyError, IndexError):  # what croniter's parser trips over, besides its own errors
        return False
    return True


def _why(field: Field, part: str) -> str:
    if not part:
        return f"Something is missing beside a comma in the {field.name}."
    if _CHANCE.match(part):
        return f"{part} leaves the {field.name} to chance: nobody could foresee when it runs."
    if _ROUND.fullmatch(part):
        return f"{part} is one value to one croniter, and all values to the next: write {part.partition('-')[0]} or *."
    step = part.partition("/")[2]
    if step and _NUMBER.fullmatch(step) and int(step) == 0:
        return "A step of 0 leads nowhere."
    wrong = [text for text in _NUMBER.findall(part.partition("/")[0]) if int(text) not in field.numbers]
    if wrong and "#" not in part:
        return f"The {field.name} goes from {field.numbers[0]} to {field.numbers[-1]}, not {wrong[0]}."
    ends = re.fullmatch(r"(\d+)-(\d+)(/\d+)?", part)
    if ends and int(ends[1]) > int(ends[2]):
        return f"{ends[1]}-{ends[2]} runs backwards: write {ends[1]}-{field.numbers[-1]},{field.numbers[0]}-{ends[2]}."
    names = f" or {field.names[0].lower()} to {field.names[-1].lower()}" if field.names else ""
    return (
        f"{part} cannot be read as {field.article} {field.name}: use * or {field.numbers[0]} to "
        f"{field.numbers[-1]}{names}; lists with commas, ranges with -, steps with /."
    )


def _at(expression: str, message: str) -> Mistake:
    return Mistake(message, 0, len(expression))

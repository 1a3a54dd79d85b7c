"""Finds the first mistake in a cron expression. croniter decides what is valid; it is asked for each part."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..messages import _, joined
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
        return _at(expression, _("No date matches it, so it would never run; and Frappe's scheduler breaks off there."))
    return found


def _shape(expression: str) -> Mistake | None:
    words = list(_WORD.finditer(expression))
    if not words:
        return Mistake(_("Say when, in five fields: minute, hour, day of the month, month, day of the week."))
    if len(expression) > limits.CRON_CHARS:
        return Mistake(
            _("It is longer than {cron_chars} characters.").format(cron_chars=limits.CRON_CHARS),
            limits.CRON_CHARS,
            len(expression),
        )
    if expression.startswith("@"):
        if expression.lower() in ALIASES:
            return None
        return _at(
            expression,
            _("There is no {alias}. There are: {aliases}.").format(
                alias=expression.split()[0], aliases=", ".join(ALIASES)
            ),
        )
    if len(words) < 5:
        missing = joined([field.label for field in FIELDS[len(words) :]], ", ")
        return Mistake(
            _("It ends too early: five fields are needed, missing: {missing}.").format(missing=missing),
            len(expression),
            len(expression),
        )
    if len(words) > 5:
        return Mistake(
            _("{count} fields are too many: there are {fields}.").format(
                count=len(words), fields=joined([field.label for field in FIELDS], ", ")
            ),
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
            _("A numbered {field} such as fri#2 cannot stand beside a plain one.").format(field=field.label),
            *word.span(),
            field.name,
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
        return _("Something is missing beside a comma in the {field}.").format(field=field.label)
    if _CHANCE.match(part):
        return _("{part} leaves the {field} to chance: nobody could foresee when it runs.").format(
            part=part, field=field.label
        )
    if _ROUND.fullmatch(part):
        return _("{part} is one value to one croniter, and all values to the next: write {number} or *.").format(
            part=part, number=part.partition("-")[0]
        )
    step = part.partition("/")[2]
    if step and _NUMBER.fullmatch(step) and int(step) == 0:
        return _("A step of 0 leads nowhere.")
    wrong = [text for text in _NUMBER.findall(part.partition("/")[0]) if int(text) not in field.numbers]
    if wrong and "#" not in part:
        return _("The {field} goes from {first} to {last}, not {wrong}.").format(
            field=field.label, first=field.numbers[0], last=field.numbers[-1], wrong=wrong[0]
        )
    ends = re.fullmatch(r"(\d+)-(\d+)(/\d+)?", part)
    if ends and int(ends[1]) > int(ends[2]):
        return _("{begin}-{end} runs backwards: write {begin}-{last},{first}-{end}.").format(
            begin=ends[1], end=ends[2], last=field.numbers[-1], first=field.numbers[0]
        )
    text = _(
        "{part} cannot be read as {field}: use * or {first} to {last}; lists with commas, ranges with -, steps with /."
    )
    if field.names:
        text = _(
            "{part} cannot be read as {field}: use * or {first} to {last} or {name} to {last_name}; lists with commas, "
            "ranges with -, steps with /."
        )
    name, last_name = (each.lower() for each in (field.names[0], field.names[-1])) if field.names else ("", "")
    first, last = field.numbers[0], field.numbers[-1]
    return text.format(part=part, field=field.one, first=first, last=last, name=name, last_name=last_name)


def _at(expression: str, message: str) -> Mistake:
    return Mistake(message, 0, len(expression))

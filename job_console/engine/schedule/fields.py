"""The five fields of a cron expression."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import Message, _


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    #: For people: alone, and with an article.
    label: Message
    one: Message
    numbers: range
    names: tuple[str, ...] = ()


MONTHS = (
    *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
    *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
)
#: As cron counts them.
WEEKDAYS = (*(_("Sunday"), _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday")),)

FIELDS = (
    Field("minute", _("minute"), _("a minute"), range(60)),
    Field("hour", _("hour"), _("an hour"), range(24)),
    Field("day of the month", _("day of the month"), _("a day of the month"), range(1, 32)),
    Field("month", _("month"), _("a month"), range(1, 13), tuple(month[:3] for month in MONTHS)),
    Field(
        "day of the week", _("day of the week"), _("a day of the week"), range(8), tuple(day[:3] for day in WEEKDAYS)
    ),
)

#: Short for an expression, as croniter has them.
ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

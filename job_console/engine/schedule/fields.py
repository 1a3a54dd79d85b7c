"""The five fields of a cron expression."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    article: str
    numbers: range
    names: tuple[str, ...] = ()


MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
#: As cron counts them.
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

FIELDS = (
    Field("minute", "a", range(60)),
    Field("hour", "an", range(24)),
    Field("day of the month", "a", range(1, 32)),
    Field("month", "a", range(1, 13), tuple(month[:3] for month in MONTHS)),
    Field("day of the week", "a", range(8), tuple(day[:3] for day in WEEKDAYS)),
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

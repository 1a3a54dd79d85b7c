"""Words for what is usual, shared by the detectors that compare with the past."""

from __future__ import annotations

from ...messages import Message, _

_HOURS = {
    "week": _("at this hour of this weekday"),
    "day": _("at this hour of the last days"),
}


def hours(kind: str) -> Message:
    return _HOURS[kind]

"""A moment of the past, and of which moments there are pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from ..history.marks import Mark
from ..past import limits
from ..past.pictures import Found
from .history import mark_json
from .values import Json, time


def moment_json(asked: datetime, now: datetime, found: Found, snapshot: Json | None, marks: Sequence[Mark]) -> Json:
    """`snapshot` None: there is a gap; `before` and `after` are the nearest moments that have a picture."""
    return {
        "at": time(asked),
        "now": time(now),
        "every_s": limits.EVERY_S,
        "kept_s": limits.KEPT_S,
        "snapshot": snapshot,
        "before": _place(found.before),
        "after": _place(found.after),
        "covered": [[_place(since), _place(until + limits.EVERY_S)] for since, until in found.runs],
        "marks": [mark_json(mark) for mark in marks],
    }


def _place(seconds: int | None) -> str | None:
    return None if seconds is None else time(datetime.fromtimestamp(seconds, timezone.utc))

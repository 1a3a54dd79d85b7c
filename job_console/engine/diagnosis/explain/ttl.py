"""When a record that waits goes by itself: its time to live (RQ's `ttl`), which ends when it begins to run."""

from __future__ import annotations

from ...messages import _
from ...wording import duration, iso
from .. import limits
from .case import Case, Reason


def ends(case: Case) -> list[Reason]:
    until = case.detail.expires_at
    if until is None:
        return []
    seconds = max((until - case.now).total_seconds(), 0.0)
    if seconds > limits.DROPPED_SOON_S:
        return []  # left over from an earlier run of its id, mostly
    text = _("Unless it begins within {left}, it is dropped without a word: the time to live of its record ends.")
    return [Reason(text.format(left=duration(seconds)), {"expires_at": iso(until)})]

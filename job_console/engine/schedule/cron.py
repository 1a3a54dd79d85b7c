"""When a cron expression matches, on a wall clock: as `croniter` understands it, because Frappe asks croniter."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from croniter import croniter

from .. import limits


@lru_cache(limits.CRON_CACHE)
def next_after(expression: str, wall: datetime) -> datetime | None:
    """The first match later than `wall`. None: there is none, or the expression cannot be read."""
    if len(expression) > limits.CRON_CHARS:
        return None
    try:
        found: datetime = croniter(expression, wall).get_next(datetime)
    except (ValueError, OverflowError):  # croniter's own errors are ValueErrors
        return None
    return found

"""Single values of the wire format. Times are ISO 8601 in UTC, durations seconds."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

Json = dict[str, Any]


def time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)

"""Groups of failures and canaries to JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..rq.records import from_score
from .canary import Canary
from .groups import Details, Found, Group

Json = dict[str, Any]
#: Hides what is secret in a text.
Plain = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of what was found. `whole`: every failed job is counted."""

    at: float
    found: Found
    whole: bool
    page: int
    size: int


def page(shown: Page, groups: Sequence[Json], canaries: Sequence[Json]) -> Json:
    found = shown.found
    return {
        "at": time(shown.at),
        "failed": found.failed,
        "counted": sum(group.count for group in found.groups),
        "without_record": found.without_record,
        "whole": shown.whole,
        "total": len(found.groups),
        "page": shown.page,
        "size": shown.size,
        "groups": list(groups),
        "canaries": list(canaries),
    }


def group(found: Group, details: Details, plain: Plain) -> Json:
    kind = found.kind
    return {
        "group": kind.key,
        "method": kind.method,
        "type": kind.type,
        "frame": kind.frame or None,
        "message": plain(kind.message),
        "example": plain(kind.example),
        "count": found.count,
        "first_at": time(found.first),
        "last_at": time(found.last),
        "trend": list(details.trend),
        "users": [{"user": user, "count": count} for user, count in details.users],
        "documents": [{"doctype": doctype, "name": name} for doctype, name in details.documents],
        "sampled": details.sampled,
        "queues": sorted({part.lane for part in found.parts}),
        "sites": sorted({part.kind.site for part in found.parts if part.kind.site}),
    }


def canary(found: Canary, plain: Plain) -> Json:
    """`left`: not released; they stay failed when it was stopped or canceled."""
    left = max(found.total - found.released - found.passed, 0)
    return {
        "canary": found.name,
        "group": found.group,
        "site": found.site,
        "method": found.method,
        "type": found.type,
        "message": plain(found.message),
        "state": found.state,
        "by": found.actor,
        "reason": plain(found.reason),
        "rate": found.rate,
        "stop_at": found.stop_at,
        "total": found.total,
        "released": found.released,
        "well": found.well,
        "failed": found.failed,
        "gone": found.gone + found.passed,
        "out": found.out,
        "left": left,
        "started_at": time(found.started_at),
        "changed_at": time(found.changed_at),
        "error": plain(found.error) or None,
    }


def time(score: float) -> str | None:
    moment: datetime | None = from_score(score)
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")

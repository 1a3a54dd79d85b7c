"""Holds to JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from typing import Any

from ..models.bench import Bench, Lane
from ..models.holds import METHOD, Hold
from ..models.workers import Worker

Json = dict[str, Any]
#: Hides what is secret in a text.
Plain = Callable[[str], str]


def hold(found: Hold | None, plain: Plain) -> Json | None:
    if found is None:
        return None
    return {"by": found.by, "reason": plain(found.reason), "at": _time(found.at), "until": _time(found.until)}


def paused(lane: Lane, bench: Bench, plain: Plain) -> Json | None:
    """Of a lane; `deaf`: workers that go on taking its jobs all the same."""
    found = hold(lane.paused, plain)
    return found and {**found, "deaf": [worker.name for worker in bench.deaf(lane.name)]}


def worker(found: Worker, plain: Plain) -> Json:
    return {"quiet": hold(found.quiet, plain), "obeys": found.obeys}


def bench(found: Bench, site: str | None, plain: Plain) -> Json:
    """Of the whole bench: until when it is suspended, and which methods are paused (this site's)."""
    return {
        "suspension": _suspension(found, plain),
        "paused_methods": _methods(found.holds.values(), site, plain),
    }


def _suspension(found: Bench, plain: Plain) -> Json | None:
    """Also of `rq suspend`, which says neither who nor why."""
    if not found.suspended:
        return None
    known = hold(found.suspension, plain) or {"by": None, "reason": None, "at": None}
    return {**known, "until": _time(found.suspended_until)}


def _methods(held: Iterable[Hold], site: str | None, plain: Plain) -> list[Json]:
    found = []
    for each in held:
        of, _colon, method = each.name.partition(":")
        if each.kind == METHOD and site in (None, of):
            found.append({"site": of or None, "method": method, **(hold(each, plain) or {})})
    return sorted(found, key=lambda row: (row["method"], row["site"] or ""))


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")

"""Many benches, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from .layout import VERDICT, Document, Paint, clean, table
from .values import age, moment, plural

#: The worst first.
_ORDER = ("unreachable", "critical", "warning", "unknown", "ok")
_COLOURS = {**VERDICT, "unreachable": "red"}
_WORDS = {"unreachable": "cannot be reached"}


def fleet(document: Document, paint: Paint) -> Iterator[str]:
    rows = sorted(document["benches"], key=lambda row: (_ORDER.index(verdict(row)), row["name"]))
    counts = document["counts"]
    said = ", ".join(f"{counts[name]:,} {_WORDS.get(name, name)}" for name in _ORDER if counts[name])
    yield paint(f"{plural(len(rows), 'bench', 'benches')}: {said}", _COLOURS.get(document["verdict"]), bold=True)
    yield ""
    heads = ("bench", "verdict", "waiting", "oldest", "running", "busy/idle workers", "scheduler", "worst")
    now = datetime.fromisoformat(document["at"].replace("Z", "+00:00"))
    colours = [_COLOURS.get(verdict(row)) for row in rows]
    yield from table(heads, [_cells(row, now) for row in rows], paint, right=(2, 3, 4), whole=(0,), colours=colours)


def verdict(row: Document) -> str:
    if row["unreachable"]:
        return "unreachable"
    return str(row["verdict"]) if row["telling"] else "unknown"


def _cells(row: Document, now: datetime) -> tuple[str, ...]:
    if row["unreachable"]:
        why = f"since {moment(row['unreachable']['since'])}: {row['unreachable']['message']}"
        return (row["name"], "unreachable", "", "", "", "", "", clean(why))
    oldest, workers = row["oldest"], row["workers"]
    return (
        row["name"],
        verdict(row),
        f"{row['waiting']:,}",
        ("≥ " if oldest["at_least"] else "") + age(oldest["wait_s"]) if oldest else "",
        f"{row['running']:,}",
        f"{workers['busy']}/{workers['idle']}",
        _scheduler(row["scheduler"], now),
        _worst(row),
    )


def _scheduler(known: Document | None, now: datetime) -> str:
    if known is None:
        return ""
    if known["down"]:
        return f"{known['down']} of {known['sites']} down"
    if not known["ticked_at"]:
        return "no tick yet"
    ticked = datetime.fromisoformat(known["ticked_at"].replace("Z", "+00:00"))
    return f"{age(max((now.astimezone(timezone.utc) - ticked).total_seconds(), 0.0))} ago"


def _worst(row: Document) -> str:
    if row["worst"] is None:
        return clean(row["reasons"][0]) if row["reasons"] else ""
    more = sum(row["warnings"].values()) - 1
    return f"{row['worst']['code']}: {clean(row['worst']['message'])}" + (f" (+{more})" if more else "")

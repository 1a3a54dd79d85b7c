"""What was counted in one minute, hour or day, as rows of counters: merged, cut to a bound, and packed to be kept.

Rows are {name: {lane: counters}}; a name is a method or a site. Counters are those of `statistics` with narrow
histograms, as {name: count} or, out of a pack, as text that is read when it is asked for.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from . import limits
from .statistics import OTHERS

Counters: TypeAlias = "Mapping[str, int] | str"
Lanes: TypeAlias = Mapping[str, Counters]
Rows: TypeAlias = Mapping[str, Lanes]
#: The name of all of them together.
ALL = ""
_OUTCOMES = ("k", "f", "t")
#: What a line and a ranking need.
_BRIEF = (*_OUTCOMES, "s")
#: Counters with no more than these are not made any briefer.
BRIEF = len(_BRIEF)


def parsed(value: Any, brief: bool = False) -> dict[str, Any]:
    """A field of a live hash: {lane: counters}. Anybody may write to Redis: odd ones count nothing.

    `brief`: without histograms.
    """
    try:
        lanes = json.loads(value or b"{}")
        if brief:
            return {lane: {name: int(count) for name, count in brief_of(each).items()} for lane, each in lanes.items()}
        return {lane: {name: int(count) for name, count in each.items()} for lane, each in lanes.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def counters(value: Counters) -> Mapping[str, int]:
    if not isinstance(value, str):
        return value
    pairs = (each.rpartition(":") for each in value.split(",") if each)
    return {name: int(count) for name, _colon, count in pairs}


def brief_of(counters: Mapping[str, int]) -> dict[str, int]:
    """Without histograms: a tenth of the whole."""
    return {name: counters[name] for name in _BRIEF if name in counters}


def merged(several: Iterable[Rows]) -> dict[str, dict[str, Counter[str]]]:
    """All of them added up, name by name and lane by lane."""
    total: dict[str, dict[str, Counter[str]]] = {}
    for rows in several:
        for name, lanes in rows.items():
            into = total.setdefault(name, {})
            for lane, value in lanes.items():
                add(into.setdefault(lane, Counter()), counters(value))
    return total


def add(into: dict[str, int], more: Mapping[str, int]) -> None:
    """As `Counter.update`, three times as quickly."""
    for name, count in more.items():
        into[name] = into.get(name, 0) + count


def together(rows: Rows) -> dict[str, dict[str, Counter[str]]]:
    """All names of these as one, `ALL`."""
    return merged({ALL: lanes} for lanes in rows.values())


def without_histograms(rows: Rows) -> dict[str, dict[str, dict[str, int]]]:
    return {name: {lane: brief_of(counters(value)) for lane, value in lanes.items()} for name, lanes in rows.items()}


def runs(rows: Rows) -> int:
    """How many runs they count."""
    return sum(
        counters(value).get(outcome, 0) for lanes in rows.values() for value in lanes.values() for outcome in _OUTCOMES
    )


def failures(rows: Rows) -> int:
    return sum(
        counters(value).get(outcome, 0) for lanes in rows.values() for value in lanes.values() for outcome in ("f", "t")
    )


def costs(rows: Rows) -> Counter[str]:
    """Milliseconds of the workers' time, by name."""
    return Counter({name: sum(counters(value).get("s", 0) for value in lanes.values()) for name, lanes in rows.items()})


def cut(rows: Rows, most: int = limits.METHODS_PUT_AWAY) -> Rows:
    """Those that cost most by themselves, the others together."""
    if len(rows) <= most:
        return rows
    spent = costs(rows)
    spent.pop(OTHERS, None)
    own = {name for name, _ms in sorted(spent.items(), key=lambda pair: (-pair[1], pair[0]))[:most]}
    return merged({name if name in own else OTHERS: lanes} for name, lanes in rows.items())


def pack(rows: Rows, many: bool = False) -> bytes:
    """`many`: of these few are read, so each is kept as a text of its own."""
    text = (
        {name: {lane: _text(value) for lane, value in lanes.items()} for name, lanes in rows.items()} if many else rows
    )
    return zlib.compress(json.dumps(text, separators=(",", ":")).encode(), 9)


def _text(value: Counters) -> str:
    return value if isinstance(value, str) else ",".join(f"{key}:{count}" for key, count in value.items())


def unpack(packed: bytes | None) -> dict[str, dict[str, Any]]:
    """Odd ones hold nothing."""
    try:
        rows = json.loads(zlib.decompress(packed)) if packed else {}
    except (ValueError, zlib.error):
        return {}
    return rows if isinstance(rows, dict) else {}

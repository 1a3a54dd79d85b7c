"""Durations, moments, sizes and counts in words; arguments as a shell takes them."""

from __future__ import annotations

from datetime import datetime


def age(seconds: float | None) -> str:
    """A duration in its two largest units: 4.2 s, 3 min 20 s, 17 h 5 min, 3 d 2 h."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    for name, long, part, short in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= long:
            rest = int(seconds % long // short)
            return f"{int(seconds // long)} {name}" + (f" {rest} {part}" if rest else "")
    return f"{int(seconds)} s"


def moment(iso: str | None) -> str:
    """In the reader's own zone."""
    if not iso:
        return ""
    return datetime.fromisoformat(iso.replace("Z", "+00:00")).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def size(count: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:,.0f} {unit}"
    return f"{count} B"


def round_trip(seconds: float | None) -> str:
    """A short time: 0.4 ms."""
    return "not known" if seconds is None else f"{max(seconds * 1000, 0.1):,.1f} ms"


def plural(count: int, noun: str, nouns: str = "") -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {nouns or noun + 's'}"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"

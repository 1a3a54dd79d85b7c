"""How long something is to last, as people write it: `--for 2h`, or `--until 18:00`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import click

_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


def duration(_context: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """`90`, `90s`, `20min`, `2h`, `3d`: seconds."""
    if value is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d|)\s*", value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no duration: write 20min, 2h or 3d.")
    return float(found[1]) * _UNITS[found[2]]


def until(_context: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """`18:00`, or `2026-11-30 18:00`, by this host's clock and zone: seconds from now."""
    return None if value is None else seconds_until(value, datetime.now().astimezone())


def seconds_until(value: str, now: datetime) -> float:
    """A time that has passed today is meant for tomorrow."""
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}", value):
            hour, minute = map(int, value.split(":"))
            then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
            then += timedelta(days=int(then <= now))
        else:
            then = datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(now.tzinfo)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no time: write 18:00, or '2026-11-30 18:00'.") from None
    return (then - now).total_seconds()


def then(_context: click.Context, _param: click.Parameter, value: str) -> datetime:
    """`14:00` (the last one), `yesterday 14:00`, `2026-11-30 14:00`, or `20min` (ago)."""
    return moment_of(value, datetime.now().astimezone())


def moment_of(value: str, now: datetime) -> datetime:
    """By this host's clock and zone."""
    ago = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d)(?:\s+ago)?\s*", value)
    if ago:
        return now - timedelta(seconds=float(ago[1]) * _UNITS[ago[2]])
    clock = re.fullmatch(r"\s*(?:(yesterday|today)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*", value)
    try:
        if clock is None:
            return datetime.fromisoformat(value.strip().replace("Z", "+00:00")).astimezone(now.tzinfo)
        day, hour, minute, second = clock[1], *(int(part or 0) for part in clock.groups()[1:])
        found = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError:
        text = f"{value!r} is no moment: write 14:00, 'yesterday 14:00', '2026-11-30 14:00', or 20min (ago)."
        raise click.BadParameter(text) from None
    return found - timedelta(days=int(day == "yesterday" or (day is None and found > now)))


def how_long(command: Callable[..., Any]) -> Callable[..., Any]:
    """Both options; `seconds_of` makes one of them."""
    ends = click.option("--until", "ends_in", callback=until, metavar="TIME", help="Until then: 18:00, by your clock.")
    lasts = click.option("--for", "lasts", callback=duration, metavar="TIME", help="For so long: 20min, 2h, 3d.")
    return lasts(ends(command))


def seconds_of(lasts: float | None, ends_in: float | None) -> float:
    if (lasts is None) == (ends_in is None):
        raise click.UsageError("Say for how long: --for 2h, or --until 18:00. It ends by itself then.")
    return lasts if lasts is not None else ends_in or 0.0

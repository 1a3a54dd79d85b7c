"""Who reads the operator console: English, in the zone of the page's browser or of the terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from job_console.engine.messages import Instant, Reader

_SHAPES = {"time": "%H:%M", "time_seconds": "%H:%M:%S", "date_time": "%d %b %H:%M", "full": "%Y-%m-%d %H:%M:%S"}


def of_page(zone: str | None) -> Reader:
    """The page names its zone itself, once. Without one (who calls it is no page), or of one that is not known: UTC."""
    try:
        known = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = None
    return _reader(lambda instant: _written(instant, known) if known else str(instant))


def of_terminal() -> Reader:
    """The zone of the machine that it is printed on, named with each time."""
    return _reader(lambda instant: f"{_written(instant, None)} {instant.at.astimezone().tzname()}")


def _reader(instant: Callable[[Instant], str]) -> Reader:
    return Reader(template=str, number=format, instant=instant)


def _written(instant: Instant, zone: tzinfo | None) -> str:
    return f"{instant.at.astimezone(zone):{_SHAPES[instant.shape]}}"

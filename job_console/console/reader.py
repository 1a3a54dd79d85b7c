"""Who reads the operator console: the page in the language and the zone of its reader, the terminal in English."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from job_console.engine.messages import Instant, Reader

from . import languages

if TYPE_CHECKING:  # the command line starts without it
    from werkzeug.wrappers import Request

#: The zone of the page's reader, in which times within sentences are written.
ZONE = "X-Time-Zone"
_SHAPES = {"time": "%H:%M", "time_seconds": "%H:%M:%S", "date_time": "%d %b %H:%M", "full": "%Y-%m-%d %H:%M:%S"}


def of_request(request: Request) -> Reader:
    return of_page(request.headers.get(ZONE), languages.of_request(request))


def of_page(zone: str | None, language: str = languages.ENGLISH) -> Reader:
    """The page names its zone itself, once. Without one (who calls it is no page), or of one that is not known: UTC."""
    try:
        known = ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = None
    if language != languages.ENGLISH:
        return _translated(language, known)
    return _reader(lambda instant: _written(instant, known) if known else str(instant))


def of_terminal() -> Reader:
    """The zone of the machine that it is printed on, named with each time."""
    return _reader(lambda instant: f"{_written(instant, None)} {instant.at.astimezone().tzname()}")


def _reader(instant: Callable[[Instant], str]) -> Reader:
    return Reader(template=str, number=format, instant=instant)


def _written(instant: Instant, zone: tzinfo | None) -> str:
    return f"{instant.at.astimezone(zone):{_SHAPES[instant.shape]}}"


def _translated(language: str, zone: tzinfo | None) -> Reader:
    from babel import Locale
    from babel.dates import format_datetime
    from babel.numbers import get_decimal_symbol, get_group_symbol

    locale, sentences = Locale.parse(language, sep="-"), languages.sentences(language)
    separators = {ord("."): get_decimal_symbol(locale), ord(","): get_group_symbol(locale)}

    def instant(moment: Instant) -> str:
        local = moment.at.astimezone(zone or ZoneInfo("UTC"))
        dated = moment.shape == "date_time"  # the others have no word in them
        text = format_datetime(local, "d MMM HH:mm", locale=locale) if dated else f"{local:{_SHAPES[moment.shape]}}"
        return text if zone else f"{text} UTC"

    return Reader(
        template=lambda text: sentences.get(text, text),
        number=lambda value, spec: format(value, spec).translate(separators),
        instant=instant,
    )

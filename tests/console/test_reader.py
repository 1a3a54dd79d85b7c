"""Times within sentences: in the zone of the page's reader, or of the terminal, and named there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from job_console.console import reader
from job_console.engine.messages import Instant, _, spoken

NOON = datetime(2026, 7, 1, 12, 5, tzinfo=timezone.utc)
SINCE = _("{who} since {since}")
#: No literal of `_`: it is nobody's to translate.
DATED = "{at}: {count:,.1f}"


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine is in Tokyo."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Asia/Tokyo", "mia since 21:05"),
        ("America/New_York", "mia since 08:05"),
        (None, "mia since 12:05 UTC"),
        ("Nowhere/At_All", "mia since 12:05 UTC"),
        ("../../etc/passwd", "mia since 12:05 UTC"),
    ],
)
def test_a_page_has_them_in_its_zone(zone: str | None, said: str) -> None:
    assert spoken(SINCE.format(who="mia", since=Instant(NOON, "time")), reader.of_page(zone)) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "1 Juli 21:05: 1.234,5"), ("es", "1 jul 21:05: 1.234,5"), ("en", "01 Jul 21:05: 1,234.5")],
)
def test_numbers_and_dates_are_in_its_language(language: str, said: str) -> None:
    text = _(DATED).format(at=Instant(NOON), count=1234.5)
    assert spoken(text, reader.of_page("Asia/Tokyo", language)) == said


@pytest.mark.usefixtures("tokyo")
def test_a_terminal_has_them_in_its_own_and_names_it() -> None:
    said = spoken(SINCE.format(who="mia", since=Instant(NOON, "full")), reader.of_terminal())
    assert said == "mia since 2026-07-01 21:05:00 JST"

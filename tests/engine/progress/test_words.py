"""What a job's progress reads like, for people."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from job_console.engine.models.progress import Chunks, Progress
from job_console.engine.progress.words import going, place, safe, so_far

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=timezone.utc)


def said(**changes: object) -> Progress:
    return Progress(**{"done": 41_230, "total": 80_000, "at": NOW, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (said(), "41,230 of 80,000"),
        (said(text="ledgers"), "41,230 of 80,000 (ledgers)"),
        (said(total=None), "41,230 so far"),
        (said(done=40.4, total=100, from_frappe=True), "40 %"),
        (said(done=3, total=8, from_frappe=True), "3 of 8"),
    ],
)
def test_where_it_is(progress: Progress, words: str) -> None:
    assert place(progress) == words


def test_how_it_goes() -> None:
    assert going(said(rate=107.7), NOW) == "41,230 of 80,000, about 6 min left"
    assert going(said(rate=107.7), NOW + timedelta(seconds=20)) == "41,230 of 80,000, about 6 min left"
    assert going(said(), NOW) == "41,230 of 80,000"
    assert going(said(rate=1), NOW + timedelta(minutes=4)) == "41,230 of 80,000, but nothing more was heard for 4 min"
    assert so_far(said(rate=107.7), NOW) == "41,230 of 80,000"
    assert so_far(said(rate=1), NOW + timedelta(minutes=4)) == going(said(rate=1), NOW + timedelta(minutes=4))


def test_what_is_safe() -> None:
    assert safe(Chunks(committed=1)) == "1 item is committed"
    assert safe(Chunks(committed=41_200, failed=3, skipped=2)) == (
        "41,200 items are committed, 3 of them failed and 2 were skipped"
    )

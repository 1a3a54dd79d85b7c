from __future__ import annotations

import pytest

from job_console.console import text
from job_console.console.text import Paint, age, clean, table

PLAIN = Paint(colour=False)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "0.0 s"),
        (4.2, "4.2 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (61_500, "17 h 5 min"),
        (266_400, "3 d 2 h"),
    ],
)
def test_age(seconds: float | None, words: str) -> None:
    assert age(seconds) == words


def test_the_words_of_a_job_cannot_steer_the_terminal() -> None:
    evil = "sync\x1b]0;owned\x07\x1b[2J\r\nnext\x9b31m"
    shown = clean(evil)
    assert shown == r"sync\x1b]0;owned\x07\x1b[2J  next\x9b31m"
    assert list(table(("method",), [(evil,)], PLAIN))[1] == shown


def test_columns_are_aligned_and_ids_are_whole() -> None:
    lines = list(table(("n", "id"), [(7, "x" * 100), (1234, "y")], PLAIN, right=(0,), whole=(1,)))
    assert lines == ["   n  id", "   7  " + "x" * 100, "1234  y"]


def test_long_cells_are_cut() -> None:
    assert list(table(("method",), [("m" * 100,)], PLAIN))[1] == "m" * 59 + "…"


def test_colours_only_when_wanted() -> None:
    assert PLAIN("failed", "red", bold=True) == "failed"
    assert "\x1b[31m" in Paint(colour=True)("failed", "red")


def test_a_remedy_is_a_command_that_a_shell_takes() -> None:
    warning = {
        "code": "orphan_id",
        "severity": "warning",
        "message": "gone",
        "queue": "bench:short",
        "job_id": "a||it's",
        "remedies": [{"action": "clear", "label": "Remove the id"}],
    }
    lines = list(text.warnings({"warnings": [warning]}, PLAIN))
    assert lines[1].endswith("job-console clear 'a||it'\\''s' --queue 'bench:short'")

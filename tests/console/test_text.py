from __future__ import annotations

import importlib
import pkgutil
import shlex

import pytest

from job_console.console import text, verbs_locks
from job_console.console.cli import cli
from job_console.console.text import Paint, age, clean, table
from job_console.engine.diagnosis import detectors, explain
from job_console.engine.models.warnings import Remedy

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


def test_what_helps_a_job_that_waits_for_a_lock_is_done_to_the_holder() -> None:
    stop = {"action": "stop", "label": "Stop the job that holds it"}
    cause = {"text": "It waits for a lock.", "evidence": {}, "remedies": [stop], "job_id": "holder"}
    reported = {"label": "m", "state": "started", "job_id": "waits", "queue": "q", "details": [cause]}
    assert list(text.explanation(reported, PLAIN))[-1].endswith(": job-console stop 'holder'")


def test_the_safest_lock_to_break_is_named_with_its_command() -> None:
    edge = {"waiter": "one", "holder": "two", "lock": "it's"}
    circle = {"edges": [edge], "lock": "it's", "victim": "two"}
    document = {"locks": [], "locks_at_least": False, "deadlocks": [circle], "others": [], "others_at_least": False}
    lines = list(verbs_locks.table(document, PLAIN))
    assert lines[-1] == "The safest to break is held by two: job-console release 'it'\\''s' --reason …"


def every_remedy() -> list[Remedy]:
    """All that the engine offers, but for what only a site's desk can do: it is not shown here."""
    modules = [
        importlib.import_module(found.name)
        for package in (detectors, explain)
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    named = {value for module in modules for value in vars(module).values() if isinstance(value, Remedy)}
    return sorted((each for each in named if not each.needs_site), key=lambda each: (each.action, each.label))


@pytest.mark.parametrize("remedy", every_remedy(), ids=lambda remedy: f"{remedy.action}: {remedy.label}")
def test_every_remedy_is_a_command_that_exists(remedy: Remedy) -> None:
    subject = {
        "code": "x",
        "severity": "warning",
        "message": "x",
        "queue": "bench:short",
        "job_id": "a||1",
        "evidence": {"lock": "recalc"},
        "remedies": [{"action": remedy.action, "label": remedy.label}],
    }
    _message, line = text.warnings({"warnings": [subject]}, PLAIN)
    program, verb, *words = shlex.split(line.partition(f"{remedy.label}: ")[2])
    assert program == "job-console"
    assert verb in cli.all()
    cli.all()[verb].make_context(verb, words)  # fails of words that it does not take


def test_all_remedies_are_looked_at() -> None:
    assert {"stop_gently", "more_time", "hand_over", "release_lock"} <= {each.action for each in every_remedy()}


def test_what_nothing_runs_is_not_called_started() -> None:
    row = {
        "status": "started",
        "label": "sync",
        "method": "sync",
        "arguments": {},
        "queue": "short",
        "site": None,
        "user": None,
        "id": "a",
    }
    runs = {**row, "elapsed_s": 60.0, "timeout_s": 300.0, "lost": False}
    assert "1 min of 5 min" in list(text.rows([runs], PLAIN))[1]
    (_heads, shown) = text.rows([{**runs, "lost": True}], PLAIN)
    assert shown.startswith("lost")
    assert "min" not in shown
    assert "\x1b[31m" in list(text.rows([{**runs, "lost": True}], Paint(colour=True)))[1]

"""What Redis holds about a job, whatever the bytes are: moments, numbers, tracebacks, and always a row."""

from __future__ import annotations

import base64
import json
import sqlite3
import sys
import traceback
import zlib
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.jobs.redact import Redaction
from job_console.engine.models.bench import Bench
from job_console.engine.models.jobs import Failure
from job_console.engine.rq import limits as rq_limits
from job_console.engine.rq import records
from job_console.engine.wire import View, failure_json, job_json, snapshot_json
from tests.support.sizes import sized

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)


class TestMoments:
    @pytest.mark.parametrize(
        "said",
        [b"2026-01-02T03:04:05.600000Z", "2026-01-02T03:04:05.600000Z", b"2026-01-02T03:04:05.600000",
         b"2026-01-02T05:04:05.600000+02:00"],
    )  # fmt: skip
    def test_read(self, said: Any) -> None:
        found = records.moment(said)
        assert found == datetime(2026, 1, 2, 3, 4, 5, 600000, timezone.utc)
        assert found.tzinfo == timezone.utc

    @pytest.mark.parametrize("said", [None, b"", "", b"yesterday", b"\xff\xfe", b"2026-13-45", b"0", b"nan", b"-1"])
    def test_none(self, said: Any) -> None:
        assert records.moment(said) is None

    @pytest.mark.parametrize("said", [b"0001-01-01T00:00:00+23:59", b"9999-12-31T23:59:59-23:59"])
    def test_beyond_the_calendar(self, said: bytes) -> None:
        """Python reads these, and fails when it is asked what they are in UTC."""
        assert records.moment(said) is None

    @pytest.mark.parametrize("score", [None, float("inf"), float("-inf"), float("nan"), 1e300, -1e300])
    def test_no_score(self, score: float | None) -> None:
        assert records.from_score(score) is None

    def test_score(self) -> None:
        assert records.from_score(0.5) == datetime(1970, 1, 1, 0, 0, 0, 500000, timezone.utc)

    @pytest.mark.parametrize("said", [None, b"", b"many", b"nan", b"inf", b"-inf", b"1e999", [], b"\xff"])
    def test_no_number(self, said: Any) -> None:
        assert records.number(said) is None

    def test_number(self) -> None:
        assert (records.number(b"300"), records.number("1.5"), records.number(b"-1")) == (300, 1.5, -1)

    @pytest.mark.parametrize("said", [None, b"", b"{", b"7", b'{"a": 1}', b'"a"', b"\xff", b"[" * 100_000])
    def test_no_ids(self, said: Any) -> None:
        assert records.id_list(said) == ()

    def test_ids(self) -> None:
        assert records.id_list(b'["a", "b"]') == ("a", "b")


def raised(make: Callable[[], object]) -> str:
    try:
        make()
    except BaseException as error:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    raise AssertionError("it raises nothing")


class Outer:
    class OwnError(Exception):
        pass


def _chained() -> None:
    try:
        _raise(KeyError("inner"))()
    except KeyError as error:
        raise ValueError("outer: with a colon") from error


def _during() -> None:
    try:
        _raise(KeyError("inner"))()
    except KeyError:
        _raise(TypeError("while handling"))()


def _raise(error: BaseException) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


def _noted() -> None:
    error = ValueError("noted")
    if sys.version_info >= (3, 11):
        error.add_note("a note: about it")
    raise error


def _deep(levels: int = 2_000) -> None:
    _deep(levels - 1)


class TestTracebacks:
    @pytest.mark.parametrize(
        ("make", "kind", "message"),
        [
            (_raise(ValueError("no stock")), "ValueError", "no stock"),
            (_raise(ValueError("a: b: c")), "ValueError", "a: b: c"),
            (_raise(ValueError()), "ValueError", ""),
            (_raise(KeyError("name")), "KeyError", "'name'"),
            (_raise(ValueError("first\nsecond")), "ValueError", "first"),
            (_raise(ValueError("first\n  indented: detail\nlast")), "ValueError", "first"),
            (_raise(ValueError("first\n    File 'x', line 2\n")), "ValueError", "first"),
            (_raise(ValueError("\nafter a line of its own")), "ValueError", "after a line of its own"),
            (_raise(Outer.OwnError("nested class")), "OwnError", "nested class"),
            (_raise(type("Local.<locals>.OddError", (Exception,), {})("x")), "OddError", "x"),
            (_raise(SystemExit(3)), "SystemExit", "3"),
            (_raise(KeyboardInterrupt()), "KeyboardInterrupt", ""),
            (_raise(ValueError(raised(_raise(KeyError(1))))), "ValueError", "Traceback"),
            (_chained, "ValueError", "outer: with a colon"),
            (_during, "TypeError", "while handling"),
            (_noted, "ValueError", "noted"),
            (_deep, "RecursionError", "maximum recursion depth exceeded"),
            (lambda: compile("a b c", "shop.py", "exec"), "SyntaxError", "invalid syntax"),
            (lambda: compile("if x:\nreturn", "shop.py", "exec"), "IndentationError", None),
            (lambda: json.loads("{"), "JSONDecodeError", None),
        ],
    )
    def test_python(self, make: Callable[[], object], kind: str, message: str | None) -> None:
        text = raised(make)
        found = records.parse_traceback(text)
        assert (found.type, found.traceback) == (kind, text)
        assert message is None or found.message.startswith(message)
        assert message != "" or found.message == ""

    @pytest.mark.parametrize(
        ("second", "counts"),
        [
            (sqlite3.OperationalError("database is locked"), "ValueError"),
            (sqlite3.OperationalError("no such table: x"), "OperationalError"),
            (KeyError("other"), "KeyError"),
        ],
    )
    def test_a_locked_database_does_not_hide_why_a_job_failed(self, second: Exception, counts: str) -> None:
        """Frappe writes an Error Log while it handles what the job raised."""

        def make() -> None:
            try:
                int("on purpose")
            except ValueError:
                raise second  # noqa: B904  as it happens

        text = raised(make)
        found = records.parse_traceback(text)
        assert (found.type, found.traceback) == (counts, text)

    def test_a_lock_that_the_job_itself_met_counts(self) -> None:
        def make() -> None:
            raise sqlite3.OperationalError("database is locked")

        assert records.parse_traceback(raised(make)).type == "OperationalError"

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="exception groups came with Python 3.11")
    def test_exception_groups(self) -> None:
        group = __builtins__["ExceptionGroup"] if isinstance(__builtins__, dict) else __builtins__.ExceptionGroup
        found = records.parse_traceback(
            raised(_raise(group("several", [ValueError("one"), group("x", [KeyError(2)])])))
        )
        assert (found.type, found.message) == ("ExceptionGroup", "several (2 sub-exceptions)")

    @pytest.mark.parametrize(
        ("sentence", "kind"),
        [
            ("Work-horse terminated unexpectedly; waitpid returned 9 (signal 9); ", "WorkHorseTerminated"),
            (
                "Work-horse process was terminated unexpectedly; waitpid returned 139 (signal 11); ",
                "WorkHorseTerminated",
            ),
            ("Job stopped by user, work-horse terminated.", "Stopped"),
            ("due to AbandonedJobError, at 2026-01-01 00:00:00", "AbandonedJobError"),
            ("Moved to FailedJobRegistry, due to AbandonedJobError, at 2026-01-01 00:00:00", "AbandonedJobError"),
            ("Job was stuck in intermediate queue.", "StuckInIntermediateQueue"),
            ("Job Console: marked as failed by ann: its worker is gone.", None),
            ("something: else", None),
            ("", None),
            ("\n\n", None),
        ],
    )
    def test_sentences_of_rq(self, sentence: str, kind: str | None) -> None:
        found = records.parse_traceback(sentence)
        assert found.type == (kind or "Failed")
        assert found.message == sentence.strip()

    def test_a_long_one_is_cut_for_the_row(self) -> None:
        for text in (
            "x" * 300_000,
            f"Traceback (most recent call last):\n{'x' * 300_000}: y",
            f"Traceback (most recent call last):\n  File\n{'x' * 300_000}: y",
            "\n" * 300_000,
        ):
            found = failure_json(View(NOW, Redaction()), records.parse_traceback(text))
            assert found is not None
            assert len(found["type"]) + len(found["message"]) < 2 * rq_limits.TEXT_CHARS + 100

    @pytest.mark.parametrize(
        "packed", [b"!!!", b"\xff", base64.b64encode(b"plain words"), "é", base64.b64encode(zlib.compress(b"cut")[:-4])]
    )
    def test_odd_bytes(self, packed: Any) -> None:
        found = records.failure(packed)
        assert found is None or isinstance(found, Failure)
        assert records.old_failure(b"ValueError: plain") is not None
        assert records.failure(None) is None

    def test_a_bomb_is_cut(self) -> None:
        bomb = base64.b64encode(zlib.compress(b"x" * 50_000_000))
        assert len(records.failure(bomb).traceback) <= rq_limits.INFLATED_BYTES  # type: ignore[union-attr,arg-type]

    @given(st.text(max_size=200))
    @settings(max_examples=sized(80, 300), deadline=None)
    def test_any_text(self, text: str) -> None:
        found = records.parse_traceback(text)
        assert found.type


ODD = [
    b"",
    b"nan",
    b"inf",
    b"-1",
    b"1e999",
    b"\xff\xfe",
    b"9999-12-31T23:59:59-23:59",
    b"{",
    b"2026-01-01T00:00:00Z",
    b"x" * 9_999,
]


@given(st.fixed_dictionaries({}, optional={name: st.sampled_from(ODD) for name in records.FIELDS}))
@settings(max_examples=sized(80, 300), deadline=None)
def test_any_record_is_a_row(fields: dict[str, bytes]) -> None:
    values = [fields.get(name) for name in records.FIELDS]
    if values[0] is None:
        values[0] = b"started"
    job = records.job("a||b", [*values, 0, None, None, None, None])
    text = json.dumps(job_json(View(NOW, Redaction()), job), allow_nan=False)
    assert len(text) < 50_000


def test_an_empty_bench_is_json() -> None:
    from job_console.engine.scope import Scope

    look = snapshot_json(View(NOW, Redaction()), Scope().bench(Bench(NOW, (), ())), None, [])
    assert json.loads(json.dumps(look, allow_nan=False))["queues"] == []

"""One cause is one group, whatever the numbers and names in its message; two causes are two."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job_console.engine.models.jobs import Call, Failure
from job_console.engine.rq import fingerprint, frames
from job_console.engine.rq.records import parse_traceback

CALL = Call("shop.stock.sync", "shop.stock.sync", "method")
APP = "/home/frappe/frappe-bench/apps/shop/shop/stock.py"
CORE = "/home/frappe/frappe-bench/apps/frappe/frappe/utils/background_jobs.py"
PACKAGE = "/home/frappe/frappe-bench/env/lib/python3.12/site-packages/requests/api.py"

numbers = st.one_of(st.integers().map(str), st.floats(allow_nan=False, allow_infinity=False).map(str))
hashes = st.text("0123456789abcdef", min_size=8, max_size=64)
names = st.from_regex(r"[A-Z]{2,5}-[A-Z]{2,5}-20[0-9]{2}-[0-9]{4,6}", fullmatch=True)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
paths = st.lists(words, min_size=2, max_size=5).map(lambda parts: "/" + "/".join(parts))
addresses = st.integers(0, 2**64).map(hex)
varying = st.one_of(
    numbers, hashes, names, paths, addresses, st.uuids().map(str), words.map("{}@example.com".format),
    st.dates().map(str), st.times().map(str), names.map("'{}'".format), hashes.map('"a {}1"'.format),
)  # fmt: skip


def traceback(*places: tuple[str, str], error: str = "ValueError: no") -> str:
    lines = [f'  File "{file}", line {number}, in {name}\n    code()' for number, (file, name) in enumerate(places, 7)]
    return "\n".join(["Traceback (most recent call last):", *lines, error])


def key(message: str, kind: str = "ValueError", trace: str | None = None) -> str:
    return fingerprint.of(CALL, Failure(kind, message, trace)).key


@given(varying, varying)
def test_what_differs_from_job_to_job_is_taken_out(one: str, other: str) -> None:
    for sentence in ("{} is gone", "cannot find {} in Item", "row: {}", "no stock for ({}) today", "a={}, b={}"):
        assert fingerprint.template(sentence.format(one, one)) == fingerprint.template(sentence.format(other, other))


@given(st.lists(varying, min_size=1, max_size=9))
def test_how_many_there_are_does_not_count(many: list[str]) -> None:
    assert fingerprint.template(f"Missing: {', '.join(many)}.") == "Missing: …."


@given(st.text(max_size=300))
def test_what_has_gaps_stays_as_it_is(message: str) -> None:
    once = fingerprint.template(message)
    assert fingerprint.template(once) == once
    assert len(once) <= len(message)


@given(st.lists(st.text("ghijklmnopqrstuvwxyz", min_size=1, max_size=9), min_size=1, max_size=9))
def test_words_stay(said: list[str]) -> None:
    assert fingerprint.template(" ".join(said)) == " ".join(said)


@pytest.mark.parametrize(
    ("message", "gaps"),
    [
        ("Sales Invoice ACC-SINV-2026-00042 not found", "Sales Invoice … not found"),
        ("Item 'Blue shirt' not found", "Item 'Blue shirt' not found"),
        ("Item 'SHIRT 42' not found", "Item … not found"),
        ("<Doc object at 0x7f2a1c0d9e50> is locked", "<Doc object at …> is locked"),
        ("(1205, 'Lock wait timeout exceeded')", "(…, 'Lock wait timeout exceeded')"),
        ("[Errno 2] No such file or directory: '/srv/files/a.csv'", "[Errno …] No such file or directory: '…'"),
        ("mail of mia@example.com refused at 2026-11-30 12:00:01.5", "mail of … refused at …"),
        ("'NoneType' object has no attribute 'name'", "'NoneType' object has no attribute 'name'"),
        ("", ""),
    ],
)  # fmt: skip
def test_some(message: str, gaps: str) -> None:
    assert fingerprint.template(message) == gaps


def test_a_long_line_without_end_is_read_at_once() -> None:
    assert fingerprint.template("x" * 2_000_000) == "x" * 1_000
    assert fingerprint.template("'x" * 1_000_000).startswith("'x")


def test_of_its_parts_each_counts() -> None:
    here, there = traceback((APP, "sync")), traceback((APP, "count"))
    assert len({key("no"), key("yes"), key("no", "KeyError"), key("no", trace=here), key("no", trace=there)}) == 5
    other = Call("shop.stock.count", "x", "method")
    assert fingerprint.of(other, Failure("ValueError", "no")).key != key("no")


def test_how_it_was_killed_counts() -> None:
    said = "Work-horse terminated unexpectedly; waitpid returned {0} (signal {0}); "
    out_of_memory, crashed = (parse_traceback(said.format(signal)) for signal in (9, 11))
    assert fingerprint.of(CALL, out_of_memory).key != fingerprint.of(CALL, crashed).key


@pytest.mark.parametrize(
    ("places", "found"),
    [
        (((CORE, "execute_job"), (APP, "sync"), (PACKAGE, "get")), "shop/stock.py in sync"),
        (((CORE, "execute_job"), (APP, "sync"), (APP, "count"), (CORE, "throw")), "shop/stock.py in count"),
        (((CORE, "execute_job"), (PACKAGE, "get")), "frappe/utils/background_jobs.py in execute_job"),
        (((PACKAGE, "get"),), "requests/api.py in get"),
        ((("<serverscript>: Nightly", "<module>"), (CORE, "throw")), "<serverscript>: Nightly in <module>"),
    ],
)
def test_where_it_was(places: tuple[tuple[str, str], ...], found: str) -> None:
    failure = parse_traceback(traceback(*places))
    assert fingerprint.of(CALL, failure).frame == found


def test_on_another_host_and_after_an_edit_it_is_the_same() -> None:
    elsewhere = APP.replace("/home/frappe/frappe-bench", "/srv/bench-2")
    here = traceback((APP, "sync"))
    traces = (here, here.replace("line 7", "line 70"), traceback((elsewhere, "sync")))
    assert len({key("no", trace=trace) for trace in traces}) == 1


def test_while_another_was_handled() -> None:
    first, during = traceback((APP, "sync")), traceback((CORE, "log_error"), error="OSError: full")
    text = f"{first}\n\nDuring handling of the above exception, another exception occurred:\n\n{during}"
    found = frames.innermost(text)
    assert found is not None
    assert found.name == "shop/stock.py in sync"


@given(st.text(max_size=400))
def test_any_text_has_parts_that_say_all_of_it(said: str) -> None:
    pieces = [part.text for part in frames.parts(said) if isinstance(part, frames.Text)]
    if len(pieces) == len(list(frames.parts(said))):
        assert "\n".join(pieces) == said.rstrip("\n")


def test_the_parts_of_a_real_one() -> None:
    try:
        uuid.UUID("no")
    except ValueError:
        import traceback as python

        said = python.format_exc()
    found = [part for part in frames.parts(said) if isinstance(part, frames.Frame)]
    assert [frame.whose for frame in found] == ["app", "library"]
    assert found[0].function == "test_the_parts_of_a_real_one"
    assert 'uuid.UUID("no")' in found[0].code

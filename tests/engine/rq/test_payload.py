"""Somebody else's bytes: read, never run."""

from __future__ import annotations

import decimal
import os
import pickle
import sys
import tracemalloc
import uuid
import zlib
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.rq import call, payload
from job_console.engine.rq import limits as rq_limits
from tests.support.sizes import sized

from ...jobs import say_hello, wrapped

TRACE = "job_console_payload_ran"


class Reduced:
    """Pickles to whatever reduction it is given."""

    def __init__(self, *reduction: Any) -> None:
        self.reduction = reduction

    def __reduce__(self) -> Any:
        return self.reduction


def hostile(command: str) -> dict[str, bytes]:
    text = command.encode()
    return {
        "reduce": pickle.dumps(Reduced(os.system, (command,))),
        "reduce, protocol 0": pickle.dumps(Reduced(os.system, (command,)), protocol=0),
        "eval": pickle.dumps(Reduced(eval, (f"__import__('os').system({command!r})",))),
        "inst": b"(S'" + text + b"'\nios\nsystem\n.",
        "obj": b"(cos\nsystem\nS'" + text + b"'\no.",
        "global and reduce": b"cos\nsystem\n(S'" + text + b"'\ntR.",
        "newobj_ex": b"\x80\x04cos\nsystem\n)}\x92.",
        "stack global": pickle.dumps(Reduced(os.system, (command,)), protocol=4),
        "getattr chain": b"cbuiltins\ngetattr\n(cos\nenviron\nS'clear'\ntR(tR.",
        "build on a class": b"cuuid\nUUID\n(N}S'hex'\nS'x'\nstb.",
        "copyreg": b"ccopyreg\n_reconstructor\n(cos\nsystem\nc__builtin__\nobject\nNtR.",
        "extension registry": b"\x82\x01.",
        "persistent id": b"Pwhatever\n.",
        "an unknown module": b"cjob_console_no_such_module\nthing\n.",
        "a module that is not imported": b"cantigravity\nfly\n.",
    }


@pytest.mark.parametrize("name", sorted(hostile("x")))
def test_a_hostile_payload_runs_nothing_and_imports_nothing(name: str, tmp_path: Path) -> None:
    trace = tmp_path / TRACE
    pickled = hostile(f"touch {trace}")[name]
    before = set(sys.modules)
    environment = dict(os.environ)
    read = call.read("x", zlib.compress(pickled), len(pickled))
    assert read.kind in ("unreadable", "method")
    assert not trace.exists()
    # Python loads its own codec for the text of protocol 0.
    assert {module for module in set(sys.modules) - before if not module.startswith("encodings.")} == set()
    assert dict(os.environ) == environment
    assert uuid.UUID(int=1).hex == "00000000000000000000000000000001"


def test_the_traps_are_real(tmp_path: Path) -> None:
    """pickle itself does fall for them: else the test above would prove nothing."""
    trace = tmp_path / TRACE
    for name in ("reduce", "inst", "obj", "global and reduce", "stack global"):
        pickle.loads(hostile(f"touch {trace}")[name])
        assert trace.exists(), name
        trace.unlink()


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02Nr\xff\xff\xff\x7f.",  # LONG_BINPUT at an index of two billion
        b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x0f.",  # BYTEARRAY8 that announces an exabyte
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x0f.",  # BINBYTES8
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x0f.",  # FRAME
        b"(" * 100_000,
        b"]" * 100_000 + b"a" * 99_999 + b".",
        b"",
        b"no pickle at all",
        pickle.dumps(("f", None, (), {}))[:-3],
    ],
)
def test_a_bomb_costs_a_row(pickled: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(payload.Unreadable):
            payload.read(pickled)
        assert tracemalloc.get_traced_memory()[1] < 100 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_payload_that_inflates_without_end_is_cut() -> None:
    data = zlib.compress(b"\0" * 200_000_000)
    plain, whole = payload.inflate(data)
    assert (len(plain), whole) == (rq_limits.INFLATED_BYTES, False)
    assert call.read("x", data, len(data)).problem


@given(st.binary(max_size=300))
@settings(max_examples=sized(80, 300), deadline=None)
def test_garbage_is_unreadable_and_nothing_else(garbage: bytes) -> None:
    with suppress(payload.Unreadable):
        payload.read(payload.inflate(garbage)[0])


@given(st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=sized(80, 300), deadline=None)
def test_a_damaged_pickle_is_read_or_unreadable(place: int, byte: int) -> None:
    pickled = bytearray(
        pickle.dumps(("a.b", None, (), wrapped("shop.sync", name="X", when=datetime.now(timezone.utc))))
    )
    pickled[place % len(pickled)] = byte
    assert call.read("x", bytes(pickled), len(pickled)).kind


def test_known_values_are_read_as_they_are() -> None:
    values = {
        "when": datetime(2026, 1, 2, 3, 4, tzinfo=timezone.utc),
        "price": decimal.Decimal("1.50"),
        "id": uuid.UUID(int=7),
        "set": {1, 2},
        "bytes": b"x",
        "nested": [{"a": (1, None, True)}],
    }
    shown = {**values, "set": [1, 2]}
    assert payload.read(pickle.dumps(("a.b", None, (1,), values))) == ("a.b", (1,), shown)


def test_a_function_reference_and_a_bound_method_show_their_names() -> None:
    assert payload.read(pickle.dumps((say_hello, None, (), {})))[0] == "tests.jobs.say_hello"
    assert payload.read(pickle.dumps(("abc".upper, None, (), {})))[0].endswith(".upper")


def read(**kwargs: Any) -> call.Call:
    data = zlib.compress(pickle.dumps(("frappe.utils.background_jobs.execute_job", None, (), kwargs), protocol=5))
    return call.read("a.localhost||1", data, len(data))


def test_frappes_wrapper_is_seen_through() -> None:
    plain = read(**wrapped("shop.sync", doctype="Item", name="I-1"))
    assert (plain.method, plain.site, plain.user) == ("shop.sync", "a.localhost", "Administrator")
    assert plain.document == ("Item", "I-1")
    reference = read(**{**wrapped("x"), "method": say_hello})
    assert (reference.method, reference.kind) == ("tests.jobs.say_hello", "method")
    runner = "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job"
    scheduled = read(**wrapped(runner, job_type="shop.tasks.daily", scheduled_job_type="tasks.daily"))
    assert (scheduled.method, scheduled.kind, scheduled.scheduled_job) == (
        "shop.tasks.daily",
        "scheduled",
        "tasks.daily",
    )
    document = read(
        **wrapped("frappe.utils.background_jobs.run_doc_method", doctype="Item", name="I-1", doc_method="sync")
    )
    assert (document.method, document.kind, document.document) == ("Item.sync", "document", ("Item", "I-1"))


@pytest.mark.parametrize("target", ["shop.sync", say_hello], ids=["named", "referred to"])
def test_a_background_task_is_what_it_is_for(target: Any) -> None:
    task = {"task_id": "t-1", "task_user": "a@b.c", "task_on_success": None, "task_on_failure": "shop.told"}
    kwargs = wrapped(
        "frappe.utils.task_queue._execute_task", **task, task_retry_on=(), target_method=target, item="I-1"
    )
    data = zlib.compress(pickle.dumps(("frappe.utils.background_jobs.execute_job", None, (), kwargs)))
    read = call.read("a.localhost||1", data, len(data))
    name = target if isinstance(target, str) else "tests.jobs.say_hello"
    assert (read.method, read.label, read.kind, read.arguments) == (name, name, "method", {"item": "I-1"})


def test_the_payload_and_not_the_id_says_the_site() -> None:
    data = zlib.compress(pickle.dumps(("x.y", None, (), wrapped("shop.sync", site="b.localhost"))))
    assert call.read("a.localhost||1", data, len(data)).site == "b.localhost"


@pytest.mark.parametrize(
    ("job_id", "site"),
    [("acme.com||1", "acme.com"), ("acme.com.au::1", "acme.com.au"), ("acme.com", None), ("||1", None)],
)
def test_an_id_names_its_site_exactly(job_id: str, site: str | None) -> None:
    assert call.site_of_id(job_id) == site


def test_a_payload_too_large_still_names_site_user_and_method() -> None:
    big = wrapped("shop.sync", load=os.urandom(2_000_000))
    data = zlib.compress(pickle.dumps(("frappe.utils.background_jobs.execute_job", None, (), big), protocol=5))
    read = call.read("a.localhost||1", data[: rq_limits.PAYLOAD_BYTES], len(data))
    assert (read.method, read.site, read.user) == ("shop.sync", "a.localhost", "Administrator")
    assert "too large" in (read.problem or "")


def test_what_other_callers_of_frappe_enqueue_is_reported_by_its_own_name() -> None:
    action = read(
        **wrapped("frappe.model.document.execute_action", __doctype="Item", __name="I-1", __action="_submit", why="x")
    )
    assert (action.method, action.kind, action.document) == ("Item.submit", "document", ("Item", "I-1"))
    script = read(**wrapped("frappe.utils.safe_exec.call_whitelisted_function", function="my_script", customer="C-1"))
    assert (script.method, script.label, script.arguments["customer"]) == ("my_script", "my_script", "C-1")


@pytest.mark.parametrize("mark", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_what_turns_the_direction_of_text_is_shown_as_its_escape(mark: str) -> None:
    r"""`invoice_\u202egpj.exe` is read as `invoice_exe.jpg`."""
    assert payload.clean(f"a{mark}b") == f"a\\u{ord(mark):04x}b"


@pytest.mark.parametrize("text", ["إلغاء\u200f", "שלום", "é", "plain"])
def test_text_of_any_direction_stays(text: str) -> None:
    assert payload.clean(text) == text

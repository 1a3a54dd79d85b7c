"""Somebody else's bytes: nothing in them is imported or run, and none of them cost more than a row."""

from __future__ import annotations

import collections
import copyreg
import json
import pickle
import subprocess
import sys
import uuid
import zlib
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.jobs.redact import Redaction
from job_console.engine.rq import call, payload
from job_console.engine.rq import limits as rq_limits
from tests.engine import hostile
from tests.support.processes import ROOT
from tests.support.sizes import sized


def read(value: bytes) -> call.Call:
    data = zlib.compress(value)
    return call.read("a.localhost||x", data, len(data))


def shown(value: bytes) -> str:
    """What a page would get of it; fails when that is no JSON."""
    read_call = read(value)
    return json.dumps([Redaction().arguments(read_call.arguments), read_call.method, read_call.label], allow_nan=False)


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "trace"
    monkeypatch.setenv("JOB_CONSOLE_LANDMINE", str(path))
    return path


class TestNothingRuns:
    @pytest.mark.parametrize("name", hostile.executing(""))
    def test_hostile(self, name: str, trace: Path) -> None:
        data = hostile.executing(f"touch {trace}")[name]
        before = set(sys.modules)
        shown(data)
        assert not trace.exists()
        assert set(sys.modules) == before
        assert hostile.MODULE not in sys.modules

    @pytest.mark.parametrize("name", ["reduce", "inst", "obj", "getattr chain", "eval"])
    def test_they_are_real(self, name: str, trace: Path) -> None:
        """The same bytes do run something in Python's own unpickler: the test above tests what it says."""
        code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
        data = hostile.executing(f"touch {trace}")[name]
        subprocess.run([sys.executable, "-c", code], input=data, stderr=subprocess.DEVNULL, timeout=30)
        assert trace.exists()

    def test_the_landmine_is_real(self, trace: Path) -> None:
        code = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
        data = hostile.executing("true")["import only"]
        subprocess.run([sys.executable, "-c", code], input=data, cwd=ROOT, timeout=30, check=True)
        assert trace.read_text() == "imported\n"

    def test_registered_extensions_are_left_alone(self) -> None:
        """An unpickler shares what an extension code means with the whole process: we neither use it nor spoil it."""
        copyreg.add_extension("collections", "deque", 240)
        try:
            data = b"\x80\x02(X\x01\x00\x00\x00fN(\x82\xf0t}t."
            assert read(data).arguments["0"] is not collections.deque
            assert pickle.loads(b"\x80\x02\x82\xf0.") is collections.deque
            assert read(data).arguments["0"] is not collections.deque
        finally:
            copyreg.remove_extension("collections", "deque", 240)
            copyreg.clear_extension_cache()

    def test_bombs_cost_a_row(self) -> None:
        """In a process of its own, whose memory is limited: peak and time are what reading alone takes."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.engine.hostile"], cwd=ROOT, capture_output=True, text=True, timeout=400
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        slow = {name: each for name, each in answer["came"].items() if each["seconds"] > 2.0}
        assert not slow
        assert answer["peak_mb"] < 500  # the interpreter and our modules included
        assert not [name for name, each in answer["came"].items() if "MemoryError" in (each["problem"] or "")]
        assert max(each["shown"] for each in answer["came"].values()) < 1_000_000


class TestUnreadable:
    @pytest.mark.parametrize(
        "data",
        [
            b"garbage",
            b"\x00\xff\xfe",
            b"{}",
            b"\x80\x04N.",
            pickle.dumps(("f", None, ())),
            pickle.dumps(("f", None, "args", {})),
            pickle.dumps(("f", None, (), [])),
            pickle.dumps({"site": "x"}),
            pickle.dumps(("f", None, (), {}))[:-3],
        ],
    )
    def test_garbage_is_a_row(self, data: bytes) -> None:
        for bytes_in_redis in (data, zlib.compress(data)):
            found = call.read("acme.com||x", bytes_in_redis, len(bytes_in_redis), "description")
            assert (found.kind, found.site, found.label) == ("unreadable", "acme.com", "description")
            assert found.problem

    def test_no_payload(self) -> None:
        assert call.read("x", b"", 0).kind == "unreadable"

    def test_a_cut_payload_says_so(self) -> None:
        data = zlib.compress(pickle.dumps(("shop.sync", None, ("x" * 100,), {})))[:-12]
        found = call.read("x", data, len(data))
        assert found.problem
        assert "too large" not in found.problem

    def test_plain_pickles_are_read_as_rq_does(self) -> None:
        data = pickle.dumps(("shop.sync", None, (1,), {}))
        assert call.read("x", data, len(data)).arguments == {"0": 1}


class Owner:
    def method(self) -> None: ...


#: RQ uses the newest that the writer's Python has.
PROTOCOLS = (3, 4, 5)


class TestValues:
    """What pages want to read is read."""

    def value(self, value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
        found = read(pickle.dumps(("f", None, (value,), {}), protocol))
        assert found.problem is None
        return found.arguments["0"]

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    @pytest.mark.parametrize(
        "value",
        [
            date(2026, 1, 2),
            datetime(2026, 1, 2, 3, 4, 5, 6),  # noqa: DTZ001  as Frappe's are
            datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2))),
            time(1, 2),
            timedelta(days=1, seconds=2),
            Decimal("12.50"),
            uuid.UUID(int=5),
            "é中",
            2**70,
            -1.5,
            None,
            True,
            (1, "a", (2,)),
            [1, [2]],
            {"a": {"b": 1}, 5: 6},
        ],
        ids=repr,
    )
    def test_plain_values(self, value: Any, protocol: int) -> None:
        assert self.value(value, protocol) == value

    @pytest.mark.parametrize("value", [{1, 2}, frozenset({1, 2})])
    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_sets(self, value: Any, protocol: int) -> None:
        assert sorted(self.value(value, protocol)) == [1, 2]

    def test_tuples_as_keys(self) -> None:
        assert list(Redaction().arguments({"x": self.value({(1, "a"): 2})})["x"].values()) == [2]

    def test_ordered_dict(self) -> None:
        assert self.value(collections.OrderedDict(a=1, b=2)) == {"a": 1, "b": 2}

    @pytest.mark.parametrize("module", ["frappe", "frappe.types.frappedict", "frappe.utils.data"])
    def test_frappe_dict(self, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """As Frappe defines it: its state is itself."""

        class _dict(dict):  # noqa: N801
            __getattr__ = dict.get
            __setattr__ = dict.__setitem__
            __setstate__ = dict.update

            def __getstate__(self) -> Any:
                return self

        _dict.__module__, _dict.__qualname__ = module, "_dict"
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            monkeypatch.setitem(sys.modules, ".".join(parts[:end]), ModuleType(".".join(parts[:end])))
        sys.modules[module]._dict = _dict  # type: ignore[attr-defined]
        found = self.value(_dict(doctype="ToDo", items=[_dict(qty=1)]))
        assert found == {"doctype": "ToDo", "items": [{"qty": 1}]}
        assert not isinstance(found, _dict)

    def test_functions_are_names(self) -> None:
        assert read(pickle.dumps((json.dumps, None, (), {}))).method == "json.dumps"

    def test_functions_of_modules_that_do_not_exist(self) -> None:
        assert read(b"\x80\x04(cno.such.module\nfunction\nN)}t.").method == "no.such.module.function"

    def test_bound_methods(self) -> None:
        """RQ puts the instance beside the name; a bound method as an argument is a getattr."""
        assert read(pickle.dumps((Owner().method, None, (), {}))).method == f"{__name__}.Owner.method"
        assert read(pickle.dumps(("method", Owner(), (), {}))).method == "method"

    def test_objects_show_what_was_put_into_them(self) -> None:
        owner = Owner()
        owner.colour = "red"  # type: ignore[attr-defined]
        found = Redaction().arguments({"x": self.value(owner)})["x"]
        assert found == {f"<{__name__}.Owner>": {"colour": "red"}}


class TestStrange:
    """Read without an error, and shown without one."""

    @pytest.mark.parametrize(
        "value",
        [
            b"cuuid\nUUID\n)\x81",
            b"cuuid\nUUID\n)\x81}X\x03\x00\x00\x00intX\x01\x00\x00\x00xsb",
            b"ccollections\nOrderedDict\n)R}X\x05\x00\x00\x00itemsX\x01\x00\x00\x00xsb",
            b"cfrappe\n_dict\n)R}X\x05\x00\x00\x00itemsX\x01\x00\x00\x00xsb",
            b"}" + pickle.dumps(1 << 100_000, 2)[2:-1] + b"Ns",
            b"}cuuid\nUUID\n(X\x01\x00\x00\x005tRNs",
            b"X\x03\x00\x00\x00\xed\xa0\x80",
            b"}X\x03\x00\x00\x00\xed\xa0\x80Ns",
            b"cdecimal\nDecimal\n(X\x04\x00\x00\x00sNaNtR",
            b"G\x7f\xf8\x00\x00\x00\x00\x00\x00",
            b"cdatetime\nset\n",
            b"cbuiltins\nset\n",
        ],
        ids=repr,
    )
    def test_shown(self, value: bytes) -> None:
        for data in (
            b"\x80\x04(X\x01\x00\x00\x00fN(" + value + b"t}t.",
            b"\x80\x04(X\x01\x00\x00\x00fN)}X\x01\x00\x00\x00a" + value + b"st.",
        ):
            json.loads(shown(data).encode())

    def test_a_number_of_many_digits_as_the_name_of_an_argument(self) -> None:
        huge = pickle.dumps(1 << 100_000, 2)[2:-1]
        shown(b"\x80\x04(X\x01\x00\x00\x00fN)}" + huge + b"Nst.")
        inner = b"}" + huge + b"Ns"
        wrapped = b"}(X\x04\x00\x00\x00siteNX\x06\x00\x00\x00methodX\x01\x00\x00\x00mX\x06\x00\x00\x00kwargs" + inner
        shown(b"\x80\x04(X\x01\x00\x00\x00fN)" + wrapped + b"ut.")

    @pytest.mark.parametrize("where", ["method", "job_name", "user", "doctype", "function"])
    def test_names_are_cut_and_can_be_encoded(self, where: str) -> None:
        name = "\ud800" + "n" * 100_000
        inner = {"doctype": name if where == "doctype" else "ToDo", "name": "x"}
        wrapped = {"site": "a.localhost", "method": "m", "job_name": "j", "user": "u", "kwargs": inner}
        if where in wrapped:
            wrapped[where] = name
        found = read(pickle.dumps((name if where == "function" else "f", None, (), wrapped)))
        for part in (found.method, found.label, found.user or "", *(found.document or ())):
            assert len(part) <= rq_limits.TEXT_CHARS + 50
            part.encode()


VALID = [
    pickle.dumps(
        ("tests.jobs.execute_job", None, (), {"site": "a", "method": "m", "kwargs": {"n": [1, {"x": 2}]}}), protocol
    )
    for protocol in range(6)
]


OPCODES = [bytes([code]) for code in b"()]}.0NRabdeilosu2cqhrjptQV" + bytes(range(0x80, 0x99))]


def never_but_unreadable(data: bytes) -> None:
    with suppress(payload.Unreadable):
        payload.read(payload.inflate(data)[0])
    found = call.read("a||b", data, len(data), None)
    json.dumps(Redaction().arguments(found.arguments), allow_nan=False)
    payload.read_head(data)


class TestFuzz:
    @settings(max_examples=sized(120, 400), deadline=None)
    @given(st.binary(max_size=300))
    def test_random_bytes(self, data: bytes) -> None:
        never_but_unreadable(data)
        never_but_unreadable(zlib.compress(data))

    @settings(max_examples=sized(120, 400), deadline=None)
    @given(st.lists(st.sampled_from(OPCODES), max_size=60))
    def test_random_opcodes(self, parts: list[bytes]) -> None:
        never_but_unreadable(b"".join(parts))

    @settings(max_examples=sized(120, 400), deadline=None)
    @given(
        st.sampled_from(VALID),
        st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
        st.integers(0, 400),
    )
    def test_damaged_payloads(self, valid: bytes, changes: list[tuple[int, int]], cut: int) -> None:
        data = bytearray(valid)
        for place, byte in changes:
            data[place % len(data)] = byte
        never_but_unreadable(bytes(data))
        never_but_unreadable(bytes(data[: cut % len(data)]))
        packed = bytearray(zlib.compress(valid))
        for place, byte in changes:
            packed[place % len(packed)] = byte
        never_but_unreadable(bytes(packed))

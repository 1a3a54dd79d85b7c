"""Somebody else's bytes: nothing in them is imported or run, and none of them cost more than a row."""

from __future__ import annotations

import collections
import copyreg
import json
import pickle
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.jobs.redact import Redaction
from job_console.engine.rq import call, payload
from tests.engine import hostile
from tests.support.processes import ROOT
from tests.support.sizes import sized

from .unpickled import read, shown


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

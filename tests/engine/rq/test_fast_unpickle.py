"""The quick way to read a payload says the same as the careful one, whatever the bytes."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from job_console.engine.rq import fast_unpickle
from job_console.engine.rq.unpickle import Reader
from tests.engine import hostile
from tests.support.sizes import sized

SCALARS = st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 99), inner),
    max_leaves=30,
)
PAYLOADS = st.tuples(st.text(), st.none(), st.just(()), st.dictionaries(st.text(), VALUES))


def careful(pickled: bytes) -> Any:
    try:
        return Reader(pickled).load()
    except Exception:
        return None


def function() -> None:
    """A job may be pickled as a reference to its function."""


@given(PAYLOADS, st.sampled_from([4, 5]))
def test_usual_payloads_take_the_quick_way_and_read_the_same(value: Any, protocol: int) -> None:
    pickled = pickle.dumps(value, protocol)
    quick = fast_unpickle.loads(pickled)
    assert quick == careful(pickled) == value or has_long_text(value)


def has_long_text(value: Any) -> bool:
    """More than 255 bytes: the careful way."""
    if isinstance(value, dict):
        return any(has_long_text(part) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple)):
        return any(map(has_long_text, value))
    return isinstance(value, str) and len(value.encode()) > 255


@settings(max_examples=sized(100, 1_000))
@given(PAYLOADS, st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_bytes_read_the_same_or_are_left_to_the_careful_way(value: Any, damages: list[tuple[int, int]]) -> None:
    pickled = bytearray(pickle.dumps(value, 5))
    for place, byte in damages:
        pickled[place % len(pickled)] = byte
    quick = fast_unpickle.loads(bytes(pickled))
    if quick is not None:
        assert repr(quick) == repr(careful(bytes(pickled)))


def test_a_function_is_a_name() -> None:
    quick = fast_unpickle.loads(pickle.dumps((function, None, (), {})))
    assert quick[0].name == f"{__name__}.function"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(({(1, 2): 3}, None, (), {}), id="a tuple as a key"),
        pytest.param(("f", None, (), {"a": {1}}), id="a set"),
        pytest.param(("f", None, (), {"a": 2**40}), id="a long number"),
        pytest.param(("f", None, (), {"a": "x" * 20_000}), id="a long text"),
        pytest.param(("f", None, (), {"a": b"x"}), id="bytes"),
    ],
)
def test_everything_else_is_left_to_the_careful_way(value: Any) -> None:
    assert fast_unpickle.loads(pickle.dumps(value)) is None


@pytest.mark.parametrize("name", hostile.executing(""))
def test_what_calls_is_never_read_here(name: str) -> None:
    assert fast_unpickle.loads(hostile.executing("true")[name]) is None


@pytest.mark.parametrize("length", [0, 20, 10**6])
def test_a_frame_of_another_length_is_never_read_here(length: int) -> None:
    pickled = pickle.dumps(("shop.pull", None, (), {"a": 1}), 5)
    assert fast_unpickle.loads(pickled) is not None
    assert fast_unpickle.loads(pickled[:3] + length.to_bytes(8, "little") + pickled[11:]) is None


def test_a_memo_of_64_gigabytes_is_never_made_here() -> None:
    assert fast_unpickle.loads(b"\x80\x05Nr\xff\xff\xff\xff0(NNNNt.") is None

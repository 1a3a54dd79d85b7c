"""Reads RQ's payloads without running them.

A payload is `zlib(pickle((function, instance, args, kwargs)))`, written by whoever reached Redis. A normal unpickler
imports and calls what the bytes name. This one knows a few harmless value types; for everything else it builds a
`Placeholder`: a name with whatever was put into it, no import, no call.
"""

from __future__ import annotations

import io
import json
import pickle
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from . import limits


class Unreadable(Exception):
    """These bytes are no payload; the message says why, in words for a row."""


class Placeholder:
    """Stands for an object of a class or function that we do not import."""

    name = "object"
    args: tuple[Any, ...]
    pairs: list[tuple[Any, Any]]
    state: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Placeholder:
        self = super().__new__(cls)
        self.args, self.pairs, self.state = args, [], None
        return self

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        self.pairs.append((key, value))

    def append(self, item: Any) -> None:
        """Takes what a pickled list or set subclass holds; nobody asks for it."""

    def extend(self, items: Any) -> None:
        """As `append`."""

    def add(self, item: Any) -> None:
        """As `append`."""

    def contents(self) -> dict[str, Any]:
        """What the pickle put into it under a name."""
        if self.pairs:
            return {key: value for key, value in self.pairs if isinstance(key, str)}
        if isinstance(self.state, dict):
            return {key: value for key, value in self.state.items() if isinstance(key, str)}
        return {}


def _stand_in(module: str, name: str) -> type[Placeholder]:
    return type("Placeholder", (Placeholder,), {"name": f"{module}.{name}"})


#: Values that cost nothing to build and that pages want to read; their constructors run no code of the payload's.
_HARMLESS: dict[tuple[str, str], Callable[..., Any]] = {
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("collections", "OrderedDict"): OrderedDict,
    ("datetime", "date"): date,
    ("datetime", "datetime"): datetime,
    ("datetime", "time"): time,
    ("datetime", "timedelta"): timedelta,
    ("datetime", "timezone"): timezone,
    ("decimal", "Decimal"): Decimal,
    ("uuid", "UUID"): UUID,
}


class _Reader(pickle._Unpickler):
    """Python's own unpickler in Python: the C one reserves memory for whatever memo index a payload names
    (LONG_BINPUT: up to 64 GB from five bytes), and hides its stack, from which `read_head` reads."""

    stack: list[Any]
    metastack: list[list[Any]]

    def find_class(self, module: str, name: str) -> Any:
        # Frappe's own dict: what is put into it is what people want to see.
        if name == "_dict" and module.partition(".")[0] == "frappe":
            return dict
        harmless = _HARMLESS.get((module, name))
        return harmless if harmless is not None else _stand_in(module, name)

    def persistent_load(self, pid: Any) -> Any:
        return _stand_in("persistent", "object")(pid)


def inflate(data: bytes) -> tuple[bytes, bool]:
    """(at most `limits.INFLATED_BYTES` of the plain bytes, whether that is all).

    Bytes that are not zlib are returned as they are, as RQ does (`Job.restore`).
    """
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data, limits.INFLATED_BYTES)
    except zlib.error:
        return data[: limits.INFLATED_BYTES], len(data) <= limits.INFLATED_BYTES
    return plain, stream.eof


def loads(pickled: bytes) -> Any:
    """The value in these bytes, with placeholders. Raises Unreadable; imports nothing, runs nothing."""
    try:
        return _Reader(io.BytesIO(pickled)).load()
    except Exception as error:  # a hostile stream can raise anything, MemoryError and RecursionError included
        raise Unreadable(f"it is no pickle that can be read ({type(error).__name__})") from error


def _json(plain: bytes) -> Any:
    """RQ can be told to write JSON; no pickle of four parts begins like that."""
    try:
        return json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is neither a pickle nor JSON") from error


def read(plain: bytes) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """(function's dotted name, args, kwargs) of an inflated payload. Raises Unreadable."""
    value = _json(plain) if plain.startswith(b"[") else loads(plain)
    if not isinstance(value, (tuple, list)) or len(value) != 4:
        raise Unreadable("it is not (function, instance, args, kwargs)")
    function, _instance, args, kwargs = value
    if not isinstance(args, (tuple, list)) or not isinstance(kwargs, dict):
        raise Unreadable("its arguments are not a list and a dict")
    return name_of(function), tuple(args), kwargs


def read_head(plain: bytes) -> tuple[str | None, dict[str, Any]]:
    """(function's name, values by name) from the beginning of a payload that is cut off.

    A pickle lays out the four parts, and a dict's keys and values, before it builds the tuple and the dict; so they
    stand on the reader's stack when the bytes end. Frappe's wrapper puts `site`, `user` and `method` before the big
    `kwargs`.
    """
    reader = _Reader(io.BytesIO(plain))
    with suppress(Exception):  # the bytes end in the middle of something, that is why we are here
        reader.load()
    levels = [level for level in [*getattr(reader, "metastack", []), getattr(reader, "stack", [])] if level]
    named: dict[str, Any] = {}
    for level in levels:
        values = iter(level[level.index("site") :] if "site" in level else [])
        named.update((key, value) for key, value in zip(values, values, strict=False) if isinstance(key, str))
    return (name_of(levels[0][0]) if levels else None), named


def name_of(function: Any) -> str:
    """Dotted name of a pickled function: a string, or a reference that we did not import."""
    if isinstance(function, str):
        return function
    if isinstance(function, type) and issubclass(function, Placeholder):
        return function.name
    if isinstance(function, Placeholder):
        # A bound method is pickled as getattr(object, "name").
        if function.name == "builtins.getattr" and len(function.args) == 2 and isinstance(function.args[1], str):
            return f"{name_of(function.args[0])}.{function.args[1]}"
        return function.name
    return type(function).__name__

"""Reads RQ's payloads without running them.

A payload is `zlib(pickle((function, instance, args, kwargs)))`, written by whoever reached Redis. A normal unpickler
imports and calls what the bytes name; `unpickle.Reader` does not.
"""

from __future__ import annotations

import json
import re
import zlib
from contextlib import suppress
from types import FunctionType
from typing import Any

from ..messages import _
from . import fast_unpickle, limits
from .unpickle import Placeholder, Reader, Unreadable

__all__ = ["Placeholder", "Unreadable", "clean", "inflate", "loads", "name_of", "read", "read_head", "value"]

#: Attributes of attributes of … : deeper is no name that anybody gave.
_NAME_PARTS = 8
#: Unicode's embeddings, overrides and isolates (UAX #9), to their escapes.
_TURNS_DIRECTION = {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


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
    quickly = fast_unpickle.loads(pickled)
    if quickly is not None:
        return quickly
    try:
        return Reader(pickled).load()
    except Unreadable:
        raise
    except Exception as error:  # a hostile stream can raise anything, MemoryError and RecursionError included
        raise Unreadable(_("it is no pickle that can be read ({name})").format(name=type(error).__name__)) from error


def looks_like_ours(plain: bytes) -> bool:
    """Whether it begins as RQ's own serializers write a call: a pickle of protocol 2 or later, or a JSON list."""
    return plain.startswith((b"\x80", b"["))


def value(plain: bytes) -> Any:
    """What a run returned, as RQ's serializers write it: a pickle, or JSON. Raises Unreadable."""
    if not plain.startswith(b"\x80"):  # every pickle that Python 3 writes unasked
        with suppress(Unreadable):
            return _json(plain)
    try:
        return loads(plain)
    except Unreadable as error:
        raise Unreadable(
            _("it is no JSON, and {error}; its serializer is not known here").format(error=error)
        ) from error


def _json(plain: bytes) -> Any:
    """RQ can be configured to write JSON; no pickle of four parts begins like that."""
    try:
        return json.loads(plain)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("it is neither a pickle nor JSON")) from error


def read(plain: bytes) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """(function's dotted name, args, kwargs) of an inflated payload. Raises Unreadable."""
    value = _json(plain) if plain.startswith(b"[") else loads(plain)
    if not isinstance(value, (tuple, list)) or len(value) != 4:
        raise Unreadable(_("it is not (function, instance, args, kwargs)"))
    function, _instance, args, kwargs = value
    if not isinstance(args, (tuple, list)) or not isinstance(kwargs, dict):
        raise Unreadable(_("its arguments are not a list and a dict"))
    return name_of(function), tuple(args), kwargs


def read_head(plain: bytes) -> tuple[str | None, dict[str, Any]]:
    """(function's name, values by name) from the beginning of a payload that is cut off.

    A pickle lays out the four parts, and a dict's keys and values, before it builds the tuple and the dict; so they
    stand on the reader's stack when the bytes end. Frappe's wrapper puts `site`, `user` and `method` before the big
    `kwargs`.
    """
    if plain.startswith(b"["):
        return _json_head(plain)
    reader = Reader(plain)
    with suppress(Exception):  # the bytes end in the middle of something, that is why we are here
        reader.load()
    levels = [level for level in [*getattr(reader, "metastack", []), getattr(reader, "stack", [])] if level]
    named: dict[str, Any] = {}
    for level in levels:
        values = iter(level[level.index("site") :] if "site" in level else [])
        named.update((key, value) for key, value in zip(values, values, strict=False) if isinstance(key, str))
    return (name_of(levels[0][0]) if levels else None), named


def _json_head(plain: bytes) -> tuple[str | None, dict[str, Any]]:
    """The same of JSON: the first text is the function, Frappe's wrapper names its own arguments before the big one."""
    spelled, decoder = plain.decode("utf-8", "replace"), json.JSONDecoder()
    found: dict[str, Any] = {}
    for name in ("site", "method", "user", "job_name"):
        match = re.search(rf'"{name}":\s*(?=")', spelled)
        with suppress(ValueError):
            if match:
                found[name] = decoder.raw_decode(spelled, match.end())[0]
    with suppress(ValueError):
        function = decoder.raw_decode(spelled, 1)[0]
        return (function, found) if isinstance(function, str) else (None, found)
    return None, found


def name_of(function: Any) -> str:
    """Dotted name of a pickled function: a string, or a reference that we did not import."""
    attributes: list[str] = []
    # A bound method is pickled as getattr(object, "name").
    while isinstance(function, Placeholder) and function.name == "builtins.getattr" and len(attributes) < _NAME_PARTS:
        if len(function.args) != 2 or not isinstance(function.args[1], str):
            break
        function, attribute = function.args
        attributes.insert(0, attribute)
    return clean(".".join([_own_name(function), *attributes]))


def _own_name(function: Any) -> str:
    if isinstance(function, str):
        return function
    if isinstance(function, Placeholder) or (isinstance(function, type) and issubclass(function, Placeholder)):
        return function.name
    if isinstance(function, FunctionType):  # in the application's own process, where nothing was pickled yet
        return f"{function.__module__}.{function.__qualname__}"
    return type(function).__name__


def clean(text: str, most: int = limits.TEXT_CHARS) -> str:
    """Text that fits a row and can be written as UTF-8: a pickle may hold halves of characters.

    What turns the direction of the text around it, so that it is read as something else, is shown as its escape.
    """
    text = text[:most]
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8").translate(_TURNS_DIRECTION)

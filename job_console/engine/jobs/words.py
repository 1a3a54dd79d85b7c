"""How text is compared: globs, parts of names, values inside of arguments, and bytes of a payload. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import islice
from typing import Any

from ..rq import payload
from . import limits


def like(pattern: str, name: str) -> bool:
    """All of the name behind `=`; a glob when it holds `*` or `?`, else a part; capital letters or not."""
    pattern, name = pattern.lower(), name.lower()
    if pattern.startswith("="):
        return name == pattern[1:]
    # Brackets are no wildcard here: people paste names that hold them.
    return fnmatchcase(name, pattern.replace("[", "[[]")) if "*" in pattern or "?" in pattern else pattern in name


def equals(wanted: str, value: Any) -> bool:
    """Whether a value, or one that a list holds, is what somebody wrote: all of it, or by a glob."""
    if isinstance(value, payload.Placeholder):
        value = value.contents()
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(equals(wanted, each) for each in islice(value, 100) if not isinstance(each, (list, tuple)))
    if value is None or isinstance(value, bool):
        return wanted.lower() in (str(value).lower(), "null" if value is None else "")
    if isinstance(value, (int, float)):
        return value == number(wanted)
    if not isinstance(value, str):
        return False
    is_glob = "*" in wanted or "?" in wanted
    return like(wanted, value) if is_glob else wanted.lower() == value.lower()


@lru_cache(maxsize=64)
def pieces(pattern: str | None) -> tuple[bytes, ...]:
    """The parts of a pattern that must stand in a payload as they are, but for the case of A to Z. Remembered: a
    search asks for them once a job."""
    found = re.split(r"[^A-Za-z0-9_]+", pattern or "")
    return tuple(piece.lower().encode() for piece in found if piece)


def number(text: str) -> int | float | None:
    """A pickle holds numbers in its own way: they cannot be looked for in its bytes."""
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError):
        return float(text)
    return None


def inside(needle: str, arguments: Any) -> bool:
    """Whether a text or a number stands in a value. Few are looked at: lists can hold each other without end."""
    wanted, left, todo = number(needle), limits.SEARCHED_VALUES, [arguments]
    while todo and left > 0:
        value = todo.pop()
        left -= 1
        if isinstance(value, str):
            left -= len(value) // 1_000
            if needle in value.lower():
                return True
        elif isinstance(value, (int, float)):
            if wanted is not None and value == wanted and not isinstance(value, bool):
                return True
        else:
            todo += islice(_parts(value), max(left, 0))
    return False


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, payload.Placeholder):
        value = value.contents()
    if isinstance(value, dict):
        return (part for pair in value.items() for part in pair)
    return value if isinstance(value, (list, tuple, set, frozenset)) else ()

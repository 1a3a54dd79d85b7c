"""Keeps an answer so short that an assistant can read it, and says what is left out."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from job_console.engine.errors import BadRequest

#: Of an answer's JSON: some ten thousand words of what assistants count in.
CHARS = 40_000
#: Items of a list and characters of a text; the first of these that makes the answer fit.
_STEPS = ((100, 8_000), (40, 4_000), (20, 2_000), (10, 1_000), (5, 500), (2, 200))


def written(document: dict[str, Any], chars: int = CHARS) -> str:
    """The document as JSON of at most so many characters. What was cut stands in its `left_out`: by the path of a list
    or a text, how many items or characters. Raises BadRequest where nothing makes it fit."""
    text = _json(document)
    if len(text) <= chars:
        return text
    for items, length in _STEPS:
        left_out: Counter[str] = Counter()
        short = _cut(document, items, length, "", left_out)
        text = _json({**short, "left_out": dict(left_out)})
        if len(text) <= chars:
            return text
    raise BadRequest(f"The answer is longer than {chars:,} characters: ask for less of it.")


def _cut(value: Any, items: int, length: int, path: str, left_out: Counter[str]) -> Any:
    if isinstance(value, dict):
        return {key: _cut(each, items, length, f"{path}.{key}".lstrip("."), left_out) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        if len(value) > items:
            left_out[path] += len(value) - items
        return [_cut(each, items, length, f"{path}[]", left_out) for each in value[:items]]
    if isinstance(value, str) and len(value) > length:
        left_out[path] += len(value) - length
        return ends(value, length)
    return value


def ends(text: str, length: int) -> str:
    """The text, of a longer one its two ends. Of a traceback the last says most."""
    if len(text) <= length:
        return text
    return f"{text[: length // 4]} … {text[-(length - length // 4) :]}"


def _json(document: dict[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode("utf-8")  # half a surrogate pair is no UTF-8

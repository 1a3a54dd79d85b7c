"""Repairs of the source: what to insert, proven to be a call with one more keyword and nothing else; and doing it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Protocol

from .models import Edit


class HasText(Protocol):
    text: str


def with_keyword(node: ast.Call, name: str, value: str, here: HasText) -> Edit | None:
    """Puts `name=value` behind the last argument; None: it cannot be done without a doubt."""
    arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    last = max(arguments, key=lambda one: (one.end_lineno or 0, one.end_col_offset or 0), default=None)
    if last is None or last.end_lineno is None or last.end_col_offset is None:
        return None
    line = here.text.split("\n")[last.lineno - 1]
    indent = line[: len(line) - len(line.lstrip())]
    begins_its_line = len(indent.encode()) == last.col_offset and last.lineno > node.lineno
    text = f",\n{indent}{name}={value}" if begins_its_line else f", {name}={value}"
    edit = Edit(last.end_lineno, last.end_col_offset, text)
    return edit if _adds_only(node, edit, name, here.text) else None


def _adds_only(node: ast.Call, edit: Edit, name: str, text: str) -> bool:
    """The call, mended, has the keyword as its own last one, and is otherwise what it was."""
    source = text.encode()
    begin = _offset(source, node.lineno, node.col_offset)
    end = _offset(source, node.end_lineno or 0, node.end_col_offset or 0)
    middle = _offset(source, edit.line, edit.column)
    mended = source[begin:middle] + edit.text.encode() + source[middle:end]
    try:
        found = ast.parse(b"(" + mended + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return False
    if not isinstance(found, ast.Call) or not found.keywords or found.keywords[-1].arg != name:
        return False
    del found.keywords[-1]
    return ast.dump(found) == ast.dump(node)


def _offset(source: bytes, line: int, column: int) -> int:
    return sum(len(one) + 1 for one in source.split(b"\n")[: line - 1]) + column


def mended(text: str, edits: Iterable[Edit]) -> str:
    """With all of them, the last first, so that the places of the others still hold."""
    source = text.encode()
    for edit in sorted(edits, key=lambda one: (one.line, one.column), reverse=True):
        at = _offset(source, edit.line, edit.column)
        source = source[:at] + edit.text.encode() + source[at:]
    return source.decode()

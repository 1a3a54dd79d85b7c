"""Which tests run with every pair of rq and redis: those that touch RQ's structures, workers or Lua scripts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

#: Whoever needs a server reads or writes what RQ keeps in it, or runs our scripts there.
SERVERS = frozenset({"server", "locked_server", "own_server"})
_IMPORTS = re.compile(r"^\s*(?:from|import)\s+(?:rq|redis)\b", re.MULTILINE)


def mark_rq(items: Iterable[pytest.Item]) -> None:
    """Give these the mark `rq`, so that nobody can forget it: the fixtures and imports of a test say enough."""
    for item in items:
        if touches_rq(item.path, getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.rq)


def touches_rq(module: Path, fixtures: Iterable[str]) -> bool:
    return bool(SERVERS.intersection(fixtures)) or imports_rq(module)


@functools.cache
def imports_rq(module: Path) -> bool:
    return bool(_IMPORTS.search(module.read_text("utf-8")))

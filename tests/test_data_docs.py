"""docs/data.md names all that we write in Redis."""

from __future__ import annotations

import inspect
import re

from job_console.engine.redis import keys
from tests.support.processes import ROOT

TEXT = (ROOT / "docs" / "data.md").read_text("utf-8")


def ours() -> set[str]:
    """The first part of each name that `keys` makes, and of those that are made of parts (`keys.own`)."""
    made = [value for value in vars(keys).values() if isinstance(value, str)]
    for function in vars(keys).values():
        if inspect.isfunction(function) and function.__name__ not in ("of_change", "members", "own"):
            count = len(inspect.signature(function).parameters)
            made.append(str(function(*(["started", "x"] if function.__name__ == "registry" else ["7"] * count))))
    names = {name.removeprefix(keys.OURS).split(":")[0] for name in made if name.startswith(keys.OURS)}
    for file in (ROOT / "job_console").rglob("*.py"):
        names |= set(re.findall(r"keys\.own\(\"(\w+)\"", file.read_text("utf-8")))
    return names - {"", "test"}  # the last is the tests' own


def test_each_name_has_its_row() -> None:
    told = {name.split(":")[0] for name in re.findall(r"`([\w:…]+)`", TEXT)}
    assert len(ours()) > 30
    assert ours() - told == set()

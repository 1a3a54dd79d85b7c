"""The table of docs/policies.md says of each path what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from job_console.engine.policies import obedience

DOC = Path(__file__).parent.parent / "docs" / "policies.md"
COLUMNS = {"key": 1, "limit": 4, "lock": 5}


def test_paths_and_what_they_cannot_do() -> None:
    table = DOC.read_text().split("<!-- paths", 1)[1].split("\n\n", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    assert [row[0].strip("`") for row in rows] == list(obedience.PATHS)
    for path, *cells in rows:
        never = {name for name, column in COLUMNS.items() if re.match(r"- \(\d\)", cells[column])}
        assert never == set(obedience.NEVER.get(path.strip("`"), ())), path


def test_each_reason_stands_below() -> None:
    text = " ".join(DOC.read_text().split())
    for reasons in obedience.NEVER.values():
        for why in reasons.values():
            assert why.removesuffix(".").split(", and so without")[0] in text

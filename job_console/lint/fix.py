"""`--fix`: writes what findings offer into their files."""

from __future__ import annotations

import tokenize
from collections import defaultdict
from pathlib import Path

from .fixing import mended
from .models import Edit, Finding


def fix(findings: tuple[Finding, ...]) -> int:
    """How many were mended. Line ends and encoding of a file stay what they were."""
    edits: dict[str, set[Edit]] = defaultdict(set)
    for finding in findings:
        if finding.fix:
            edits[finding.path].add(finding.fix)
    for path, of_file in edits.items():
        _write(Path(path), of_file)
    return sum(len(of_file) for of_file in edits.values())


def _write(path: Path, edits: set[Edit]) -> None:
    raw = path.read_bytes()
    with path.open("rb") as file:
        encoding, _ = tokenize.detect_encoding(file.readline)
    text = raw.decode(encoding)
    newline = "\r\n" if "\r\n" in text else "\n"
    changed = mended(text.replace("\r\n", "\n"), edits)
    path.write_bytes(changed.replace("\n", newline).encode(encoding))

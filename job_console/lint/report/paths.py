"""How files are named: from the current folder, where they are below it."""

from __future__ import annotations

from pathlib import Path


def shown(path: str) -> str:
    try:
        return Path(path).relative_to(Path.cwd()).as_posix()
    except ValueError:
        return Path(path).as_posix()

"""What each warning means: docs/warnings/CODE.md, which is shipped with the app, so that the page can show it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_APP = Path(__file__).resolve().parents[2]
#: In a wheel inside the app; in a checkout, which is what a bench has, beside it.
_FOLDERS = (_APP / "docs" / "warnings", _APP.parent / "docs" / "warnings")


@cache
def codes() -> frozenset[str]:
    """Of all warnings that there are."""
    found = {path.stem for folder in _FOLDERS for path in folder.glob("*.md")}
    return frozenset(code for code in found if re.fullmatch(r"[a-z_]+", code))


@cache
def page(code: str) -> dict[str, str] | None:
    """`title`, and in Markdown `true` (what is true), `known` (how it is known), `do` (what to do). None: no such code.

    Links to other pages of docs/ are left as their words.
    """
    if not re.fullmatch(r"[a-z_]+", code):
        return None
    path = next((found for folder in _FOLDERS if (found := folder / f"{code}.md").is_file()), None)
    if path is None:
        return None
    head, *parts = re.split(r"^## .*\n", path.read_text("utf-8"), flags=re.MULTILINE)
    title = head.strip().partition(": ")[2]
    sections = (_plain_links(part).strip() for part in parts)
    return {"title": title, **dict(zip(("true", "known", "do"), sections, strict=True))}


def _plain_links(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\((?!https?:)[^)]*\)", r"\1", text)

"""Every warning has its page, and the index names all of them."""

from __future__ import annotations

import re
from pathlib import Path

from job_console.engine.diagnosis import detectors

PAGES = Path(__file__).resolve().parents[3] / "docs" / "warnings"


def _codes() -> set[str]:
    """Each detector's docstring begins with its codes."""
    modules = {__import__(detect.__module__, fromlist=["x"]) for detect in detectors.DETECTORS}
    return {
        code for module in modules for code in re.findall(r"`([a-z_]+)`[,:]", (module.__doc__ or "").split("\n")[0])
    }


def test_every_code_has_its_page() -> None:
    codes = _codes() | {"past_timeout"}  # the second one of its docstring
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} == codes
    for code in codes:
        text = (PAGES / f"{code}.md").read_text()
        assert text.startswith(f"# `{code}`: ")
        assert re.findall(r"^## (.*)", text, re.MULTILINE) == ["What is true", "How it is known", "What to do"]


def test_the_index_names_every_page() -> None:
    named = set(re.findall(r"\]\(([a-z_]+)\.md\)", (PAGES / "README.md").read_text()))
    assert named == {page.stem for page in PAGES.glob("*.md")} - {"README"}

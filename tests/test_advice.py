"""docs/advice.md: for each piece of advice there is everything, and every link leads to a heading that is there."""

from __future__ import annotations

import re

import pytest

from job_console.lint.rules import RULES
from tests.support.processes import ROOT

DOCS = ROOT / "docs"
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split(" | ")]
    for line in (DOCS / "advice.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| advice"))
]


def anchors(page: str) -> set[str]:
    """As forges make them of headings."""
    headings = re.findall(r"^#+ (.*)", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_subject_of_the_linter_has_a_piece_of_advice() -> None:
    subjects = (DOCS / "lint.md").read_text("utf-8").partition("| subject | rules |")[2].split("\n\n")[0]
    wanted = [cells.rpartition("| ")[2].strip(" |") for cells in subjects.splitlines()[2:]]
    assert len(wanted) == 11
    assert [re.search(r"\[(.*?)\]", row[1])[1] for row in ROWS] == wanted  # type: ignore[index]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_cell_has_links_that_lead_somewhere(row: list[str]) -> None:
    assert len(row) == 5
    for cell in row[1:]:
        links = re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", cell)
        assert links, cell
        for page, anchor in links:
            assert (DOCS / page).is_file(), page
            assert not anchor or anchor in anchors(page), f"{page}#{anchor}"


def test_helpers_that_are_named_are_there() -> None:
    named = {name for row in ROWS for name in re.findall(r"`(\w+)[`(]", row[2])}
    source = (ROOT / "job_console" / "testing" / "case.py").read_text("utf-8")
    assert {"chaos", "tick", "travel", "committed"} <= named
    assert {name for name in named if f"def {name}(" not in source} == set()


def test_codes_that_are_named_are_rules() -> None:
    named = {code for row in ROWS for code in re.findall(r"JC\d+", row[1])}
    assert named <= set(RULES)

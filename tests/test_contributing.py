"""CONTRIBUTING's picture of the rooms is that of the import contracts, and the files named in it are there; it is
short."""

from __future__ import annotations

import re

import pytest

from tests.support.processes import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MORE = (ROOT / "docs" / "extending.md").read_text("utf-8")
PAGE = ROOT / "job_console" / "public" / "js" / "job_monitor"


def layers(container: str) -> list[str]:
    """As pyproject.toml has them (Python 3.10 has no reader of TOML)."""
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    found = re.search(rf'containers = \["job_console.{container}"\]\s*layers = \[(.*?)\]', pyproject, re.DOTALL)
    assert found
    return re.findall(r'"([^"]+)"', found[1])


def drawn(container: str) -> list[str]:
    """What stands below the container's name, in its column, up to an empty place."""
    picture = TEXT.partition("<!-- rooms")[2].split("```")[1].splitlines()
    row = next(number for number, line in enumerate(picture) if re.search(rf"\b{container}/(\s|$)", line))
    column = picture[row].index(f"{container}/")
    width = 32 if column == 0 else None
    cells = [line[column : column + width if width else None].strip() for line in picture[row + 1 :]]
    return cells[: cells.index("")] if "" in cells else cells


@pytest.mark.parametrize("container", ["engine", "runtime", "bridge", "lint"])
def test_the_picture_is_that_of_the_contracts(container: str) -> None:
    assert drawn(container) == layers(container)


def test_each_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`([\w./*-]+/[\w.*-]+)`", TEXT + MORE))
    roots = (ROOT, ROOT / "job_console", PAGE, ROOT / "tests")
    assert len(named) > 30
    assert [name for name in named if not any(any(root.glob(name.strip("/"))) for root in roots)] == []


def test_it_stays_short() -> None:
    """One dense page: what grows goes to docs/extending.md."""
    assert len(TEXT.split()) < 1150

"""What is released: the app with its built page, and no tests."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.processes import ROOT

STATIC = ROOT / "job_console" / "console" / "static"


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Of the files in a wheel of this checkout."""
    if not (STATIC / "index.html").is_file():
        pytest.skip("the page is not built: npm run build")
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*pip, folder, ROOT], check=True, capture_output=True, text=True)
    (wheel,) = Path(folder).glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_a_wheel_has_all_that_git_keeps_of_the_app_but_its_tests(names: set[str]) -> None:
    listed = subprocess.run(["git", "ls-files", "job_console"], cwd=ROOT, check=True, capture_output=True, text=True)
    tracked = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    tests = {name for name in tracked if "/tests/" in name or Path(name).name.startswith("test_")}
    assert tests, "the pattern still finds them"
    assert tracked - tests - names == set()
    assert names & tests == set()


def test_a_wheel_has_the_built_page(names: set[str]) -> None:
    built = {str(path.relative_to(ROOT)) for path in STATIC.rglob("*") if path.is_file()}
    assert built <= names
    assert not [name for name in names if name.endswith(".test.js")]


def test_a_wheel_has_what_warnings_mean(names: set[str]) -> None:
    pages = {f"job_console/docs/warnings/{path.name}" for path in (ROOT / "docs" / "warnings").glob("*.md")}
    assert len(pages) > 20
    assert pages <= names

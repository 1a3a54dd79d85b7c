"""What is released: the app with its built page, and no tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import venv
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


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (STATIC / "index.html").is_file():
        pytest.skip("the page is not built: npm run build")
    folder = tmp_path_factory.mktemp("sdist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, text=True)
    (found,) = folder.glob("*.tar.gz")
    return found


def test_a_source_distribution_makes_a_wheel_that_serves_the_page_without_node(sdist: Path, tmp_path: Path) -> None:
    """In an environment of its own: nothing of this checkout, and no Node.js on the way."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(tmp_path)
    (source,) = [folder for folder in tmp_path.iterdir() if folder.is_dir()]
    assert not list(source.rglob("test_*.py")), "tests are not shipped"
    bare = {"PATH": os.defpath, "HOME": str(tmp_path)}
    wheels = tmp_path / "wheels"
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(wheels)]
    subprocess.run([*pip, str(source)], check=True, capture_output=True, text=True, env=bare)
    (wheel,) = wheels.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False)
    python = str(tmp_path / "env" / "bin" / "python")
    asked = [python, "-c", "import site; print(site.getsitepackages()[0])"]
    site_packages = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages)
    # What it needs is this environment's: its own packages come first.
    others = [path for path in sys.path if path.endswith("site-packages")]
    Path(site_packages, "others.pth").write_text("\n".join(others))
    assert page_served_by(python, tmp_path)


def page_served_by(python: str, folder: Path) -> bool:
    serve = [python, "-m", "job_console.console.cli", "--redis", "redis://127.0.0.1:1", "serve", "--port", "0"]
    environment = {"PATH": os.defpath, "HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(
        serve, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout
        found = re.search(r"(http://\S+)", server.stdout.readline())
        assert found
        page = urllib.request.urlopen(found[1], timeout=60).read().decode()
        script = re.search(r'src="\./(assets/[^"]+\.js)"', page)
        assert script
        return bool(urllib.request.urlopen(f"{found[1]}{script[1]}", timeout=60).status == 200)
    finally:
        server.terminate()
        server.wait(30)
        server.stdout.close()


def test_no_wheel_is_made_without_the_page(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(tmp_path)
    (source,) = [folder for folder in tmp_path.iterdir() if folder.is_dir()]
    shutil.rmtree(source / "job_console" / "console" / "static")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path / "w")]
    bare = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([*pip, str(source)], check=False, capture_output=True, text=True, env=bare)
    assert done.returncode != 0
    assert "The page of Job Console is not built" in done.stderr + done.stdout


def test_the_console_asks_for_an_rq_that_takes_frappes_ids() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (console,) = re.findall(r"^console = \[(.*)\]$", text, re.M)
    assert '"rq<2.8"' in console

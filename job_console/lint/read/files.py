"""Which files belong to which app. A folder with a `hooks.py` and an `__init__.py` is an app's package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SKIPPED = {"node_modules", "__pycache__", "site-packages", "build", "dist", "venv", "env"}


@dataclass(frozen=True)
class Source:
    path: Path
    #: Its dotted name, as it is imported.
    module: str
    is_package: bool
    #: Tests, and what only they use: no job of production is made there.
    is_test: bool


@dataclass(frozen=True)
class Tree:
    sources: tuple[Source, ...]
    #: Names of the packages, and with what their hooks begin: `erpnext`.
    packages: frozenset[str]


def find(paths: list[Path]) -> Tree:
    """All Python files of the apps that `paths` name: a bench's `apps` folder, an app, its package, or a file of it."""
    packages = {package for path in paths for package in _packages(path.resolve())}
    sources = {source.path: source for package in sorted(packages) for source in _of(package)}
    return Tree(tuple(sources.values()), frozenset(package.name for package in packages))


def _packages(path: Path) -> Iterator[Path]:
    above = next((folder for folder in (path, *path.parents) if _is_package_of_app(folder)), None)
    if above:
        yield above
        return
    found = [folder for folder in _folders(path, 3) if _is_package_of_app(folder)]
    yield from found or [path]


def _is_package_of_app(folder: Path) -> bool:
    return (folder / "hooks.py").is_file() and (folder / "__init__.py").is_file()


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()) if depth and folder.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink() and entry.name not in _SKIPPED and not entry.name.startswith("."):
            yield entry
            yield from _folders(entry, depth - 1)


def _of(package: Path) -> Iterator[Source]:
    if package.is_file():
        yield Source(package, package.stem, False, is_test(package.name))
        return
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".py"):
                path = Path(folder, name)
                parts = [package.name, *path.relative_to(package).with_suffix("").parts]
                is_package = parts[-1] == "__init__"
                inside = path.relative_to(package).as_posix()
                yield Source(path, ".".join(parts[:-1] if is_package else parts), is_package, is_test(inside))


def is_test(inside: str) -> bool:
    *folders, name = inside.split("/")
    return (
        name.startswith(("test_", "conftest"))
        or name.endswith(("_test.py", "_tests.py", "test_utils.py"))
        or bool({"tests", "test", "testing", "test_utils", "ui_tests"} & set(folders))
    )

"""`[tool.job-console.lint]` of the nearest pyproject.toml, and what the command line says instead."""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .rules import RULES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class WrongSettings(ValueError):
    """What was asked for does not exist."""


@dataclass(frozen=True)
class Settings:
    #: Codes, or how they begin, in place of those that are on; and those that are left out of them.
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    #: Files that are read, but not reported on: `"shop/patches/*"`, from the folder of pyproject.toml.
    exclude: tuple[str, ...] = ()
    folder: Path = Path()

    def wants(self, code: str) -> bool:
        if _begins(code, self.ignore):
            return False
        return _begins(code, self.select) if self.select else RULES[code].on

    def excludes(self, path: Path) -> bool:
        try:
            inside = path.resolve().relative_to(self.folder.resolve()).as_posix()
        except ValueError:
            return False
        return any(fnmatch.fnmatch(inside, pattern) for pattern in self.exclude)


def _begins(code: str, selectors: Iterable[str]) -> bool:
    return any(selector == "ALL" or code.startswith(selector) for selector in selectors)


def settings(paths: list[Path], select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> Settings:
    """Of the pyproject.toml above the first path; `select` and `ignore` are the command line's."""
    found: Mapping[str, Any] = {}
    folder = Path()
    for parent in _above(paths[0].resolve()) if paths else ():
        if (parent / "pyproject.toml").is_file():
            folder, found = parent, _section(parent / "pyproject.toml")
            break
    of_file = {name: _texts(found, name) for name in ("select", "ignore", "exclude")}
    if foreign := sorted(found.keys() - of_file.keys()):
        raise WrongSettings(f"[tool.job-console.lint] of {folder / 'pyproject.toml'} has no setting {foreign[0]}.")
    chosen = Settings(select or of_file["select"], ignore or of_file["ignore"], of_file["exclude"], folder)
    for selector in (*chosen.select, *chosen.ignore):
        if selector != "ALL" and not any(code.startswith(selector) for code in RULES):
            raise WrongSettings(f"There is no rule {selector}.")
    return chosen


def _above(path: Path) -> Iterable[Path]:
    return (path, *path.parents) if path.is_dir() else path.parents


def _section(path: Path) -> Mapping[str, Any]:
    try:
        section = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("job-console", {}).get("lint", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{path}: {error}") from error
    return section if isinstance(section, dict) else {}


def _texts(found: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = found.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise WrongSettings(f"[tool.job-console.lint] {name} is a list of texts.")
    return tuple(value)

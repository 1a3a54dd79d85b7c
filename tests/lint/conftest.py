"""An app on disk, as small as a rule needs it, and what the linter says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from job_console.lint.run import Report, lint
from job_console.lint.settings import settings

DOCTYPE = "shop/doctype/order/order.py"


@pytest.fixture
def app(tmp_path: Path) -> Callable[..., Path]:
    """`app({"tasks.py": "…"}, hooks="…")`: the folder of an app whose package is `shop`."""

    def made(files: dict[str, str], hooks: str = "") -> Path:
        package = tmp_path / "shop" / "shop"
        for name, text in {"__init__.py": "", "hooks.py": hooks, **files}.items():
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path / "shop"

    return made


@pytest.fixture
def check(app: Callable[..., Path]) -> Callable[..., Report]:
    """The report of such an app, notes included."""

    def checked(files: dict[str, str], hooks: str = "", select: tuple[str, ...] = ("ALL",)) -> Report:
        folder = app(files, hooks)
        return lint([folder], settings([folder], select))

    return checked


def codes(report: Report) -> list[str]:
    return sorted({finding.code for finding in report.findings})

"""What a one-shot caller is told of a fault that was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from job_console.engine.service import Console, Engine


@pytest.fixture
def warnings(engine: Engine, console: Console, quick_proof: None) -> Callable[[], list[dict[str, Any]]]:
    """What a one-shot caller is told."""

    def look() -> list[dict[str, Any]]:
        engine.watch.forget()
        return list(console.warnings.all(prove=True)["warnings"])

    return look


@pytest.fixture
def only(warnings: Callable[[], list[dict[str, Any]]]) -> Callable[[str], dict[str, Any]]:
    """The one warning there is, which must have this code."""

    def look(code: str) -> dict[str, Any]:
        found = warnings()
        assert [warning["code"] for warning in found] == [code]
        return found[0]

    return look

"""What goes wrong with us must be found by who looks: in production Frappe's log files take nothing below ERROR."""

from __future__ import annotations

import re
from pathlib import Path

APP = Path(__file__).parent.parent / "job_console"


def test_what_is_told_frappes_logger_reaches_the_log_file() -> None:
    said = [
        (path.name, level)
        for path in APP.rglob("*.py")
        for level in re.findall(r"(?:frappe|logs)\.logger\([^)]*\)\.(\w+)\(", path.read_text())
    ]
    assert len(said) > 5
    assert [each for each in said if each[1] not in ("error", "critical")] == []

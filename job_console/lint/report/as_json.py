"""One JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..models import Finding
from ..rules import RULES
from ..run import Report
from .paths import shown


def lines(report: Report) -> Iterator[str]:
    document = {
        "files": report.files,
        "findings": [_finding(finding) for finding in report.findings],
        "unread": [{"file": shown(one.path), "reason": one.why} for one in report.unread],
    }
    yield json.dumps(document, indent=2)


def _finding(finding: Finding) -> dict[str, Any]:
    rule, place = RULES[finding.code], finding.place
    return {
        "file": shown(finding.path),
        "line": place.line,
        "column": place.column + 1,
        "end_line": place.end_line,
        "end_column": place.end_column + 1,
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "message": finding.message,
        "through": list(finding.through),
        "fixable": finding.fix is not None,
    }

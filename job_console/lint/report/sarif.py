"""SARIF 2.1.0, as GitHub's code scanning and editors read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from job_console import __version__

from ..models import Finding, Rule
from ..rules import RULES
from ..run import Report
from .paths import shown

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def lines(report: Report) -> Iterator[str]:
    rules = list(RULES.values())
    index = {rule.code: number for number, rule in enumerate(rules)}
    driver = {"name": "job-console lint", "version": __version__, "rules": [_rule(rule) for rule in rules]}
    unread = [
        {"level": "error", "message": {"text": one.why}, "locations": [{"physicalLocation": _artifact(one.path)}]}
        for one in report.unread
    ]
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": unread}],
        "results": [_result(finding, index) for finding in report.findings],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.name},
        "fullDescription": {"text": rule.reason},
        "help": {"text": f"{rule.reason}\n\nInstead:\n{rule.repair}"},
        "defaultConfiguration": {"level": rule.severity.value, "enabled": rule.on},
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    place = finding.place
    region = {"startLine": place.line, "endLine": place.end_line}
    through = f" ({' → '.join(finding.through)})" if finding.through else ""
    return {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": RULES[finding.code].severity.value,
        "message": {"text": finding.message + through},
        "locations": [{"physicalLocation": {**_artifact(finding.path), "region": region}}],
    }


def _artifact(path: str) -> dict[str, Any]:
    return {"artifactLocation": {"uri": shown(path)}}

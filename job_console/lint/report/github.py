"""Annotations of a pull request: what a step of GitHub's workflows prints as commands."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Severity
from ..rules import RULES
from ..run import Report
from .paths import shown

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        rule, place = RULES[finding.code], finding.place
        properties = {
            "file": shown(finding.path),
            "line": place.line,
            "col": place.column + 1,
            "endLine": place.end_line,
            "title": f"{rule.code} {rule.name}",
        }
        of = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
        yield f"::{_LEVELS[rule.severity]} {of}::{_escaped(finding.message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")

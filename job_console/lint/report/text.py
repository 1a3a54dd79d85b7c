"""For people: a line for each finding, then the reason and the repair of each rule, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..models import Finding
from ..rules import RULES
from ..run import Report
from .paths import shown


def lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        place = finding.place
        rule = RULES[finding.code]
        where = f"{shown(finding.path)}:{place.line}:{place.column + 1}"
        yield f"{where}: {finding.code} {finding.message} [{rule.severity.value}]{_through(finding)}"
    counts = Counter(finding.code for finding in report.findings)
    for code, count in sorted(counts.items()):
        rule = RULES[code]
        yield ""
        yield f"{code} {rule.name}, {count}x. {rule.reason}"
        for line in rule.repair.splitlines():
            yield f"    {line}"
    if counts:
        yield ""
    yield _summary(report)


def _through(finding: Finding) -> str:
    return f" ({' → '.join(finding.through)})" if finding.through else ""


def _summary(report: Report) -> str:
    found = len(report.findings)
    fixable = sum(finding.fix is not None for finding in report.findings)
    read = f"{report.files} {'file' if report.files == 1 else 'files'} read"
    if not found:
        return f"Nothing found; {read}."
    can = f" --fix can mend {fixable}." if fixable else ""
    return f"{found} found; {read}.{can}"

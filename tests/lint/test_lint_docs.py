"""docs/lint.md names the rules that there are; the hook of pre-commit names a command that there is."""

from __future__ import annotations

import re

from job_console.console.cli import cli
from job_console.lint.rules import RULES
from tests.support.processes import ROOT


def test_the_table_is_the_registry() -> None:
    text = (ROOT / "docs" / "lint.md").read_text("utf-8")
    rows = re.findall(r"^\| (JC\d{3}) `([\w-]+)` \| (\w+)(, off)?(, `--fix`)? \|", text, re.MULTILINE)
    assert rows == [
        (rule.code, rule.name, rule.severity.value, "" if rule.on else ", off", ", `--fix`" if rule.fixable else "")
        for rule in RULES.values()
    ]


def test_the_hook_of_pre_commit() -> None:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert re.search(r"^  entry: job-console lint$", text, re.MULTILINE)
    assert "lint" in cli.all()

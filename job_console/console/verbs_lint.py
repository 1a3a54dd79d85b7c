"""The verb that checks an app's code. It needs no Redis, and loads nothing that does."""

from __future__ import annotations

from pathlib import Path

import click

from job_console.lint.fix import fix as mend
from job_console.lint.report import FORMATS
from job_console.lint.rules import RULES
from job_console.lint.run import Report
from job_console.lint.run import lint as check
from job_console.lint.settings import Settings, WrongSettings, settings

from .terminal import say

#: Beside those of the contract, as linters do: something was found.
FOUND = 1


@click.command()
@click.argument("apps", metavar="APP...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="As --format json.")
@click.option("--select", metavar="CODES", help="Only these, e.g. JC101,JC2; ALL: also notes, which are off.")
@click.option("--ignore", metavar="CODES", help="All but these.")
@click.option("--fix", is_flag=True, help="Mend what can be mended safely; report the rest.")
@click.option("--rules", is_flag=True, help="Say what is checked, and end.")
def lint(
    apps: tuple[Path, ...], form: str, as_json: bool, select: str | None, ignore: str | None, fix: bool, rules: bool
) -> None:
    """Check how apps make and run jobs: their Python and hooks, which are read and never run.

    APP: an app's folder, a file of it, or a folder of apps; all of an app is read, to know who calls whom. Exempt a
    line by '# noqa: JC101'; select and ignore also stand in [tool.job-console.lint] of pyproject.toml.

    Exit codes: 0 nothing found but notes, 1 something found, 2 wrong usage.
    """
    if rules:
        _say_rules()
        return
    if not apps:
        raise click.UsageError("Missing argument 'APP...'.")
    try:
        chosen = settings(list(apps), _codes(select), _codes(ignore))
    except WrongSettings as error:
        raise click.UsageError(str(error)) from error
    report = _checked(list(apps), chosen, fix)
    for line in FORMATS["json" if as_json else form](report):
        say(line)
    for unread in report.unread:
        say(f"job-console: {unread.path} was not checked: {unread.why}", err=True)
    if not report.is_clean:
        raise click.exceptions.Exit(FOUND)


def _checked(apps: list[Path], chosen: Settings, fix: bool) -> Report:
    report = check(apps, chosen)
    if fix and (count := mend(report.findings)):
        say(f"job-console: {count} mended.", err=True)
        report = check(apps, chosen)
    return report


def _codes(text: str | None) -> tuple[str, ...]:
    return tuple(code.strip() for code in text.split(",") if code.strip()) if text else ()


def _say_rules() -> None:
    for rule in RULES.values():
        marks = rule.severity.value + (", --fix" if rule.fixable else "") + ("" if rule.on else ", off")
        say(f"{rule.code} {rule.name} ({marks})\n    {rule.reason}")
        for line in rule.repair.splitlines():
            say(f"        {line}")


VERBS = (lint,)

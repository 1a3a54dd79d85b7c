"""`--fail-on`: an exit code of its own for scripts and monitoring, when something asks for somebody."""

from __future__ import annotations

from typing import Any

import click

from .session import Exit

#: The most severe one first. What is only information asks for nobody.
SEVERITIES = ("critical", "warning")

fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    help=f"End with {Exit.WARNED.value} when a warning that nobody has silenced is so severe, or more.",
)


def counts(warning: dict[str, Any], fail_on: str) -> bool:
    """Whether a warning, as JSON has it, is as severe as that, and nobody has silenced it."""
    return not warning["silenced"] and warning["severity"] in reaching(fail_on)


def reaching(fail_on: str) -> tuple[str, ...]:
    """The severities, or verdicts, that are so severe or more."""
    return SEVERITIES[: SEVERITIES.index(fail_on) + 1]


def end_if_severe(document: Any, fail_on: str | None) -> None:
    if fail_on and any(counts(warning, fail_on) for warning in document["warnings"]):
        raise click.exceptions.Exit(int(Exit.WARNED))

"""`--deep`: warnings from all jobs, however many, with a bar on a terminal that says how far it came."""

from __future__ import annotations

import sys
from typing import Any

import click

from job_console.engine.models.sweeps import Surveyed

from .session import Session

deep_option = click.option(
    "--deep", is_flag=True, help="Go through all jobs, also a million of them, which takes a while."
)


def proven(here: Session, deep: bool) -> Any:
    """The warnings, looked at twice where that is needed. Nothing but them on a pipe."""
    if not deep:
        return here.console.warnings.all(prove=True)
    if not sys.stderr.isatty():
        return here.console.warnings.all(deep=True)
    with click.progressbar(length=1, label="Surveying", file=sys.stderr) as bar:

        def show(surveyed: Surveyed) -> None:
            bar.length = max(surveyed.of, surveyed.seen, 1)
            bar.update(max(surveyed.seen - bar.pos, 0))

        return here.console.warnings.all(deep=True, on_surveyed=show)

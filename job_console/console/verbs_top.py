"""The verb that takes the whole terminal: top."""

from __future__ import annotations

import locale
import sys

import click

from .session import Session, ending_well, wants_colour
from .verbs_read import session


@click.command()
@click.option("--read-only", is_flag=True, help="Look, but do not act.")
@session
def top(here: Session, read_only: bool) -> None:
    """The bench on the whole terminal, live: warnings, lanes, jobs. The keys are those of the page; ? shows them.

    Works over SSH and at 80 by 24. It needs a terminal: for a pipe there is snapshot.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("top needs a terminal; snapshot and warnings print the same.")
    from .top.feed import Feed
    from .top.run import run
    from .top.state import State

    locale.setlocale(locale.LC_ALL, "")  # curses writes what is not ASCII as the locale says
    with ending_well(here.address):
        here.engine  # noqa: B018  a URL that is none ends it here
    heading = " · ".join(part for part in (here.address.heading(), here.address.warning()) if part)
    run(State(heading, read_only), Feed(here), wants_colour())


VERBS = (top,)

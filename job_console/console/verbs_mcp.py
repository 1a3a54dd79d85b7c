"""The verb that serves an assistant: mcp."""

from __future__ import annotations

import signal
import sys

import click

from job_console.engine.service import Viewer

from .session import Exit, Session, ending_well, fail, starter
from .terminal import say
from .verbs_read import session

REQUIREMENT = "mcp>=2.3"
NAME_CHARS = 60


@click.command()
@click.option("--act", is_flag=True, help="Also offer what acts on jobs, failures, locks and warnings.")
@click.option("--as", "actor", metavar="NAME", help="Who acts, for the audit trail; wanted with --act.")
@session
def mcp(here: Session, act: bool, actor: str | None) -> None:
    """Tools for an assistant, by the Model Context Protocol over stdin and stdout: warnings, jobs, failures, locks.

    It looks, and acts only with --act, each time with a reason. See docs/mcp.md.
    """
    viewer = Viewer(starter().name)
    if act or actor is not None:
        viewer = _acting(actor, act)
    try:
        from .mcp.server import Served, serve
    except ImportError:
        fail(
            f"mcp needs the official MCP SDK, 2.3 or newer, which is not installed here: pip install '{REQUIREMENT}'",
            Exit.WRONG_USAGE,
        )
        raise
    with ending_well(here.address):
        served = Served(here.engine.console(viewer), here.address)
    if sys.stdin.isatty():
        say("job-console: an assistant's program starts this and speaks to it; Ctrl-C ends it.", err=True)
    # There is nothing to leave in order, and the SDK would wait for the end of stdin.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    serve(served)


def _acting(actor: str | None, act: bool) -> Viewer:
    """Acts under a name of its own, with that of whoever started it; not on what serves all, as lanes and workers."""
    name = (actor or "").strip()
    if not act:
        raise click.UsageError("--as says who acts: give --act, too.")
    if not name or len(name) > NAME_CHARS or not name.isprintable():
        raise click.UsageError(
            f"--act wants --as NAME, of at most {NAME_CHARS} characters: it stands in the audit trail."
        )
    return Viewer(f"{name} (mcp of {starter().name})", may_act=True, may_operate=False)


VERBS = (mcp,)

"""Verbs that act on all jobs of a query: `bulk`, `bulks`, `undo`."""

from __future__ import annotations

import contextlib
from typing import Any

import click

from . import text
from .session import Exit, Session, ending_well
from .terminal import say
from .verbs_act import acting
from .verbs_read import as_json_option, session

_RUNNING = ("collecting", "acting")


@click.command()
@click.argument("action", metavar="ACTION")
@click.argument("query", metavar="QUERY", nargs=-1, required=True)
@click.option("--to", metavar="QUEUE", help="Where move moves them.")
@click.option("--reason", default="", help="Why; kept in the audit trail.")
@as_json_option
@session
def bulk(here: Session, /, action: str, query: tuple[str, ...], to: str | None, reason: str, as_json: bool) -> None:
    """Do ACTION (cancel, retry, move, front, delete) to all jobs that match QUERY, 10,000 at most.

    QUERY is as for jobs: job-console bulk cancel 'method:sync_* status:queued'. Ctrl-C ends it: what is done is done.
    """
    acting(here, as_json)
    with ending_well(here.address):
        begun = here.console.bulks.start(action, " ".join(query), reason, to)
        _follow(here, begun, as_json)


@click.command()
@click.argument("bulk_id", metavar="BULK")
@as_json_option
@session
def undo(here: Session, /, bulk_id: str, as_json: bool) -> None:
    """Undo a bulk action (its id: see bulks), as far as its jobs have not started since."""
    acting(here, as_json)
    with ending_well(here.address):
        _follow(here, here.console.bulks.undo(bulk_id), as_json)


@click.command()
@as_json_option
@session
def bulks(here: Session, /, as_json: bool) -> None:
    """Bulk actions of the last day, the newest first."""
    with ending_well(here.address):
        here.show(here.console.bulks.all(), as_json, text.bulks)


def _follow(here: Session, begun: dict[str, Any], as_json: bool) -> None:
    """Until it has ended, or somebody has had enough of it."""
    now, shown = begun, ""
    try:
        while now["state"] in _RUNNING:
            now = here.console.bulks.go_on(begun["id"])
            words = text.bulk_progress(now)
            if not as_json and words != shown:
                say(words, err=True)
                shown = words
    except KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt):
            now = here.console.bulks.cancel(begun["id"])
    here.show(now, as_json, text.bulk)
    if now["state"] != "done" or not all(kind["ok"] for kind in now["kinds"]):
        raise click.exceptions.Exit(int(Exit.REFUSED))


VERBS = (bulk, bulks, undo)

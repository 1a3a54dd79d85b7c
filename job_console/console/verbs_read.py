"""Verbs that look: snapshot, jobs, search, waiting, show, explain, where, warnings, audit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import click

from . import text
from .deep_survey import deep_option, proven
from .named_views import named
from .session import Session, ending_well, wants_colour
from .severe import end_if_severe, fail_on_option
from .terminal import say

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
session = click.make_pass_decorator(Session)

_FILTERS = (
    click.option("--queue", help="Full name of a queue."),
    click.option(
        "--status", help="queued, started, failed, finished, deferred, scheduled, canceled, or dead (out of attempts)."
    ),
    click.option("--method", metavar="GLOB", help="Method, in part or with * and ?."),
    click.option("--site", help="Site whose job it is."),
    click.option("--user", help="User whose job it is."),
)


def _filters(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.command()
@click.option("--quick", is_flag=True, help="Look once only: ghosts and what may be a race are then not reported.")
@deep_option
@as_json_option
@session
def snapshot(here: Session, /, as_json: bool, quick: bool, deep: bool) -> None:
    """The whole bench at one moment: health, lanes, workers, warnings."""
    if quick and deep:
        raise click.UsageError("--quick looks once only, and --deep goes through all jobs: give one of them.")
    with ending_well(here.address):
        if not quick:
            proven(here, deep)  # the snapshot that follows shares its look
        here.show(here.console.snapshot(), as_json, text.snapshot)


@click.command()
@click.argument("query", metavar="[QUERY]", nargs=-1)
@_filters
@click.option("--view", metavar="NAME", help="A saved view (see views); QUERY narrows it.")
@click.option("--text", help="Part of an id, a label, a user or an argument.")
@click.option(
    "--sort", help="enqueued, started, ended, took, worker, method, user, site or error; -ended: the last first."
)
@click.option("--at", metavar="TIME", help="The page on which this time stands (2026-11-23T16:40:00Z).")
@click.option("--after", metavar="CURSOR", help="Go on to a page from where an answer says that it came.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--size", type=click.IntRange(min=1), default=20, show_default=True)
@as_json_option
@session
def jobs(
    here: Session, /, as_json: bool, query: tuple[str, ...], view: str | None, sort: str | None, **arguments: Any
) -> None:
    """One page of jobs, of all states unless you choose.

    QUERY says which, as on the page: 'method:sync_* user:mia status:failed age:>1h arg.invoice:SINV-1'. In quotes, for
    the shell; behind -- when it begins with a dash.
    """
    with ending_well(here.address):
        kept: dict[str, Any] = named(here, view) if view else {"q": "", "sort": None}
        q = " ".join((kept["q"], *query)).strip()
        here.show(here.console.jobs.page(q=q, sort=sort or kept["sort"], **arguments), as_json, text.jobs)


@click.command()
@click.argument("query", metavar="[QUERY]", nargs=-1)
@_filters
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Stop after so many hits.")
@as_json_option
@session
def search(here: Session, /, as_json: bool, limit: int, query: tuple[str, ...], **filters: Any) -> None:
    """Look for jobs. Hits are printed as they are found.

    QUERY: words, each of which stands in the id, the method, the user or the arguments; or more exactly, as for jobs.
    """
    found: list[dict[str, Any]] = []
    paint = text.Paint(colour=wants_colour())
    slices: dict[str, Any] = {}
    if not as_json:
        here.say_where()
    with ending_well(here.address):
        for slices in _slices(here, " ".join(query), filters):
            hits = slices["jobs"][: limit - len(found)]
            found += hits
            if not as_json:
                for line in text.rows(hits, paint):
                    say(line)
            if len(found) >= limit:
                break
    document = {**slices, "jobs": found, **here.address.names()}
    say(json.dumps(document)) if as_json else say(text.search_summary(document))


def _slices(here: Session, query: str, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        answer = here.console.jobs.search(q=query, cursor=cursor, **filters)
        yield answer
        cursor = answer["cursor"]
        if cursor is None:
            return


@click.command()
@click.argument("queue", metavar="[QUEUE]", required=False)
@as_json_option
@session
def waiting(here: Session, queue: str | None, as_json: bool) -> None:
    """Of what the waiting jobs are made: by method, site and user. Of many a sample is read, and said so."""
    with ending_well(here.address):
        here.show(here.console.jobs.waiting(queue), as_json, text.waiting)


@click.command()
@click.argument("job_id", metavar="ID")
@as_json_option
@session
def show(here: Session, job_id: str, as_json: bool) -> None:
    """One job: its state, runs, arguments and traceback."""
    with ending_well(here.address):
        here.show(here.console.jobs.show(job_id), as_json, text.job)


@click.command()
@click.argument("job_id", metavar="ID")
@as_json_option
@session
def explain(here: Session, job_id: str, as_json: bool) -> None:
    """Why a job waits, runs, failed or is stuck, in words; the most immediate cause first."""
    with ending_well(here.address):
        here.show(here.console.jobs.explain(job_id), as_json, text.explanation)


@click.command()
@click.argument("job_id", metavar="ID")
@as_json_option
@session
def where(here: Session, job_id: str, as_json: bool) -> None:
    """Where a running job is stuck: its Python stack, from any host, and what that means."""
    with ending_well(here.address):
        here.show(here.console.jobs.where(job_id), as_json, text.where)


@click.command()
@deep_option
@fail_on_option
@as_json_option
@session
def warnings(here: Session, /, as_json: bool, deep: bool, fail_on: str | None) -> None:
    """What is wrong, and what can be done. Looks twice, some seconds apart, where something may be a race.

    Of very many jobs it goes through a part, knows what sweeps have found in the others, and says how much that is.
    """
    with ending_well(here.address):
        found = proven(here, deep)
        here.show(found, as_json, text.warnings)
        end_if_severe(found, fail_on)


@click.command()
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--size", type=click.IntRange(min=1), default=50, show_default=True)
@as_json_option
@session
def audit(here: Session, page: int, size: int, as_json: bool) -> None:
    """Who did what to which job, newest first."""
    with ending_well(here.address):
        here.show(here.console.actions.audit(page=page, size=size), as_json, text.audit)


VERBS = (snapshot, jobs, search, waiting, show, explain, where, warnings, audit)

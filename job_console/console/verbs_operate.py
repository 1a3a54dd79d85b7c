"""Verbs that operate the bench: lanes, workers, what is paused, quiet or suspended, and the drain before a deploy."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

import click

from . import text
from .session import Exit, Session, ending_well
from .text import operate
from .verbs_act import acting, end
from .verbs_read import as_json_option, session
from .when import duration, how_long, seconds_of

_why = click.option("--reason", required=True, help="Why; others see it, and it is kept in the audit trail.")
_perhaps_why = click.option("--reason", default="", help="Why; kept in the audit trail.")
#: While a drain is waited for.
_LOOK_EVERY_S = 1.0

#: Verb, what its target is called, and what it does: those that end by themselves.
_HOLDING = {
    "pause-queue": ("QUEUE", "Let no worker take new jobs of a queue, until then. They stay where they are."),
    "quiet": ("WORKER", "Let one worker take no new jobs, until then. It finishes the one that it runs."),
    "pause-method": (
        "SITE:METHOD",
        "Let no job of a method begin on a site, until then. What a worker takes is parked.",
    ),
}
_LIFTING = {
    "resume-queue": ("QUEUE", "End the pause of a queue."),
    "unquiet": ("WORKER", "Let a quiet worker take jobs again."),
    "resume-method": ("SITE:METHOD", "End the pause of a method. Its parked jobs go back to their queues."),
}


def _holding(verb: str, target: str, help_text: str) -> click.Command:
    @click.command(name=verb, help=help_text)
    @click.argument("target", metavar=target)
    @how_long
    @_why
    @as_json_option
    @session
    def command(
        here: Session, /, target: str, lasts: float | None, ends_in: float | None, reason: str, as_json: bool
    ) -> None:
        _operate(here, as_json, verb, target, seconds_of(lasts, ends_in), reason)

    return command


def _lifting(verb: str, target: str, help_text: str) -> click.Command:
    @click.command(name=verb, help=help_text)
    @click.argument("target", metavar=target)
    @_perhaps_why
    @as_json_option
    @session
    def command(here: Session, /, target: str, reason: str, as_json: bool) -> None:
        _operate(here, as_json, verb, target, None, reason)

    return command


@click.command()
@how_long
@_why
@as_json_option
@session
def suspend(here: Session, /, lasts: float | None, ends_in: float | None, reason: str, as_json: bool) -> None:
    """Let no worker of the bench take new jobs, until then. `resume` ends it."""
    _operate(here, as_json, "suspend", "", seconds_of(lasts, ends_in), reason)


@click.command("stop-worker")
@click.argument("worker", metavar="WORKER")
@_why
@as_json_option
@session
def stop_worker(here: Session, /, worker: str, reason: str, as_json: bool) -> None:
    """Let a worker end after the job that it runs. What keeps workers running starts another in its place."""
    _operate(here, as_json, "stop-worker", worker, None, reason)


@click.command("move-waiting")
@click.argument("queue", metavar="QUEUE")
@click.option("--to", required=True, metavar="QUEUE", help="The queue to move to.")
@_why
@as_json_option
@session
def move_waiting(here: Session, /, queue: str, to: str, reason: str, as_json: bool) -> None:
    """Move the first 1,000 jobs that wait in a queue to the end of another one, in their order."""
    _operate(here, as_json, "move-waiting", queue, None, reason, to)


@click.command()
@click.option("--for", "lasts", callback=duration, default="30min", show_default=True, metavar="TIME", help="At most.")
@click.option("--reason", default="a deploy", show_default=True, help="Why; others see it.")
@click.option("--wait", callback=duration, default="0", metavar="TIME", help="Wait so long until it is safe.")
@click.option("--look", "only_look", is_flag=True, help="Begin nothing: say what blocks, and when it is safe.")
@as_json_option
@session
def drain(here: Session, /, lasts: float, reason: str, wait: float, only_look: bool, as_json: bool) -> None:
    """Before a deploy: suspend the bench, say what still runs, and when it is safe. Exit 3: it is not safe (yet).

    A bench that is suspended already stays so until its own end. `resume` ends it.
    """
    with ending_well(here.address):
        report = here.console.operations.drain()
        if not only_look and not report["draining"]:
            acting(here, as_json)
            done = here.console.operations.run("suspend", "", lasts, reason)
            if not done["results"][0]["ok"]:
                here.show(done, as_json, text.results)
                end(done)
            report = here.console.operations.drain()
        until = monotonic() + wait
        while not report["safe"] and monotonic() < until:
            sleep(_LOOK_EVERY_S)
            report = here.console.operations.drain()
        if report["safe"] and report["deaf"]:
            sleep(_LOOK_EVERY_S)  # what one of those has just taken is seen by now
            report = here.console.operations.drain()
        here.show(report, as_json, operate.drain)
    if not report["safe"]:
        raise click.exceptions.Exit(int(Exit.REFUSED))


@click.command()
@as_json_option
@session
def lanes(here: Session, /, as_json: bool) -> None:
    """The lanes: what waits and runs, who serves them, and which are paused by whom, why and until when."""
    with ending_well(here.address):
        here.show(_part(here, "queues", "suspended", "suspension", "paused_methods"), as_json, operate.lanes)


@click.command()
@as_json_option
@session
def workers(here: Session, /, as_json: bool) -> None:
    """The workers: what each does, where it listens, and whether it is quiet or about to stop."""
    with ending_well(here.address):
        here.show(_part(here, "workers", "suspended", "suspension"), as_json, operate.workers)


def _part(here: Session, *names: str) -> dict[str, Any]:
    found = here.console.snapshot()
    return {name: found[name] for name in ("at", *names)}


def _operate(
    here: Session,
    as_json: bool,
    verb: str,
    target: str,
    seconds: float | None,
    reason: str,
    to: str | None = None,
) -> None:
    acting(here, as_json)
    with ending_well(here.address):
        done = here.console.operations.run(verb.replace("-", "_"), target, seconds, reason, to)
        here.show(done, as_json, operate.done(target))
    end(done)


VERBS = (
    lanes,
    workers,
    *(_holding(verb, *words) for verb, words in _HOLDING.items()),
    *(_lifting(verb, *words) for verb, words in _LIFTING.items()),
    suspend,
    stop_worker,
    move_waiting,
    drain,
)

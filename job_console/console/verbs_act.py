"""Verbs that act on jobs; `resume` and `mend` on the bench."""

from __future__ import annotations

import json
from typing import Any

import click

from . import text
from .session import Exit, Session, ending_well
from .verbs_read import as_json_option, session

_reason = click.option("--reason", default="", help="Why; kept in the audit trail.")
_ids = click.argument("job_ids", metavar="ID...", nargs=-1, required=True)

#: Verb, and what it does, for those that take ids and nothing else.
PLAIN = {
    "cancel": "Take jobs that have not started out of their queue; their records stay.",
    "pause": "Pause running jobs that commit chunk by chunk: each ends after its present chunk.",
    "unpause": "Resume paused jobs: each goes on after its last chunk.",
    "hand-over": "Let running jobs that commit chunk by chunk leave the rest to a fresh run.",
    "more-time": "Give running jobs that tell their progress more time before their timeout; once.",
    "stop": "Stop running jobs: their workers end them. What they did so far is not undone by us.",
    "stop-gently": "Ask running jobs to stop, interrupt those that do not listen, and kill what is left.",
    "delete": "Remove jobs that do not run, with their records.",
    "front": "Let waiting jobs run next.",
    "close-circuit": "Let the retries of these jobs' methods go that wait because the method fails every time.",
    "requeue": "Put ghosts and jobs that lost their worker back into their queue. They may have run in part.",
    "fail": "Mark jobs that lost their worker as failed.",
    "free": "Delete ghosts, so that the same work can be enqueued again under their ids.",
}


def _plain(verb: str, help_text: str) -> click.Command:
    @click.command(name=verb, help=help_text)
    @_ids
    @_reason
    @as_json_option
    @session
    def command(here: Session, job_ids: tuple[str, ...], reason: str, as_json: bool) -> None:
        _act(here, as_json, verb.replace("-", "_"), list(job_ids), reason=reason)

    return command


@click.command()
@_ids
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Run one job as a new one, with this.")
@_reason
@as_json_option
@session
def retry(here: Session, job_ids: tuple[str, ...], settings: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Run failed or canceled jobs again; a finished one is enqueued as a new job.

    With --set, one job that has ended is enqueued as a new one with some arguments changed. Values are JSON
    (--set 'count=3' --set 'customer="C-1"'); what is no JSON is text.
    """
    if not settings:
        _act(here, as_json, "retry", list(job_ids), reason=reason)
        return
    if len(job_ids) != 1:
        raise click.UsageError("--set is for one job.")
    acting(here, as_json)
    with ending_well(here.address):
        done = here.console.actions.retry_edited(job_ids[0], dict(_setting(each) for each in settings), reason)
        here.show(done, as_json, text.results)
    end(done)


def _setting(words: str) -> tuple[str, Any]:
    name, sign, value = words.partition("=")
    if not name or not sign:
        raise click.UsageError(f"--set takes NAME=VALUE, not {words!r}.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


@click.command()
@_ids
@click.option("--to", required=True, metavar="QUEUE", help="Full name of the queue to move to.")
@_reason
@as_json_option
@session
def move(here: Session, job_ids: tuple[str, ...], to: str, reason: str, as_json: bool) -> None:
    """Move waiting jobs to the end of another queue."""
    _act(here, as_json, "move", list(job_ids), reason=reason, to=to)


@click.command()
@_ids
@click.option("--queue", required=True, metavar="QUEUE", help="Full name of the queue that holds the ids.")
@_reason
@as_json_option
@session
def clear(here: Session, job_ids: tuple[str, ...], queue: str, reason: str, as_json: bool) -> None:
    """Take ids whose records are gone out of their queue."""
    _act(here, as_json, "clear", list(job_ids), reason=reason, queue=queue)


@click.command()
@_reason
@as_json_option
@session
def resume(here: Session, reason: str, as_json: bool) -> None:
    """Let the workers of a suspended bench take work again."""
    _act(here, as_json, "resume", [], reason=reason)


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--code", help="Only what is wrong in this way: the code of a warning.")
@as_json_option
@session
def mend(here: Session, dry_run: bool, code: str | None, as_json: bool) -> None:
    """Do what is safe about every warning of the whole bench, and say what was done and what is left for you.

    Looks twice, some seconds apart, so that it acts on nothing that was a race.
    """
    acting(here, as_json)
    with ending_well(here.address):
        done = here.console.warnings.mend(dry_run=dry_run, code=code)
        here.show(done, as_json, text.mended)
    end(done)


def acting(here: Session, as_json: bool) -> None:
    """Print on which server an action is done before it is done."""
    if not as_json:
        here.say_where(acting=True)


def _act(here: Session, as_json: bool, action: str, job_ids: list[str], **words: Any) -> None:
    acting(here, as_json)
    with ending_well(here.address):
        done = here.console.actions.run(action, job_ids, **words)
        here.show(done, as_json, text.results)
    end(done)


def end(done: dict[str, Any]) -> None:
    code = exit_code(done["results"])
    if code:
        raise click.exceptions.Exit(int(code))


def exit_code(results: list[dict[str, Any]]) -> Exit:
    """The worst of the outcomes: a job that does not exist outweighs one whose state refused."""
    refused = [result for result in results if not result["ok"]]
    if any(result["state_before"] == "missing" for result in refused):
        return Exit.NO_SUCH_JOB
    return Exit.REFUSED if refused else Exit.DONE


VERBS = (*(_plain(verb, words) for verb, words in PLAIN.items()), retry, move, clear, resume, mend)

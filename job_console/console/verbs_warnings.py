"""Verbs about a warning, by its id: remedy, acknowledge, snooze, mute, unmute."""

from __future__ import annotations

import click

from . import text
from .session import Session, ending_well
from .verbs_act import acting, end
from .verbs_read import as_json_option, session
from .when import duration

_warning = click.argument("warning", metavar="WARNING")
_reason = click.option("--reason", default="", help="Why; kept in the audit trail.")

#: Verb, and what it does.
_SILENCES = {
    "acknowledge": "Say that you look after a warning: it counts no more until it ends, gets worse or comes back.",
    "snooze": "Put a warning off, for an hour or as long as you say. It is told again earlier when it gets worse.",
    "mute": "Do not count a warning any more, also when it comes back; for 30 days at most.",
}


@click.command()
@_warning
@click.argument("action", metavar="REMEDY")
@_reason
@as_json_option
@session
def remedy(here: Session, warning: str, action: str, reason: str, as_json: bool) -> None:
    """Do a remedy of a warning (its id, see `warnings`) to all jobs that it is about.

    Looks twice, some seconds apart, as `warnings` does.
    """
    acting(here, as_json)
    with ending_well(here.address):
        done = here.console.warnings.remedy(warning, action.replace("-", "_"), reason, prove=True)
        here.show(done, as_json, text.results)
    end(done)


def _silence(verb: str, help_text: str) -> click.Command:
    @click.command(name=verb, help=help_text)
    @_warning
    @click.option("--for", "seconds", callback=duration, metavar="TIME", help="How long at most: 20min, 2h, 3d.")
    @_reason
    @as_json_option
    @session
    def command(here: Session, warning: str, seconds: float | None, reason: str, as_json: bool) -> None:
        _put(here, warning, verb, seconds, reason, as_json)

    return command


@click.command()
@_warning
@_reason
@as_json_option
@session
def unmute(here: Session, warning: str, reason: str, as_json: bool) -> None:
    """Let a warning count again that was acknowledged, snoozed or muted."""
    _put(here, warning, "unmute", None, reason, as_json)


def _put(here: Session, warning: str, how: str, seconds: float | None, reason: str, as_json: bool) -> None:
    acting(here, as_json)
    with ending_well(here.address):
        done = here.console.warnings.silence(warning, how, seconds, reason, prove=True)
        here.show(done, as_json, text.silenced)


VERBS = (remedy, *(_silence(verb, words) for verb, words in _SILENCES.items()), unmute)

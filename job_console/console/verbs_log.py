"""The verb that prints what a job has printed and logged, and follows it."""

from __future__ import annotations

from time import sleep
from typing import Any

import click

from job_console.engine.output import limits as output_limits

from . import text
from .session import Session, ending_well, wants_colour
from .terminal import say
from .text.log import Follower
from .verbs_read import as_json_option, session

#: In these states a job may say something yet.
_GOES_ON = ("queued", "scheduled", "deferred", "started")


@click.command()
@click.argument("job_id", metavar="ID")
@click.option("--follow", "-f", is_flag=True, help="Print what comes, until the job has ended.")
@as_json_option
@session
def log(here: Session, job_id: str, follow: bool, as_json: bool) -> None:
    """What a job has printed and logged: the last kilobytes, of one that runs, has ended or was killed."""
    if follow and as_json:
        raise click.UsageError("--json prints one document, and --follow goes on: give one of them.")
    with ending_well(here.address):
        if follow:
            _follow(here, job_id)
        else:
            here.show(here.console.jobs.log(job_id), as_json, text.log)


def _follow(here: Session, job_id: str) -> None:
    here.say_where()
    follower, paint = Follower(), text.Paint(colour=wants_colour())
    while True:
        document: dict[str, Any] = here.console.jobs.log(job_id)
        for line in follower.lines(document, paint):
            say(line)
        if document["status"] not in _GOES_ON:
            for note in document["notes"]:
                say(text.clean(note), err=True)
            return
        sleep(output_limits.EVERY_S)


VERBS = (log,)

"""The verbs about the past: how much ran, failed, waited and cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from job_console.engine.history.ranges import RANGES
from job_console.engine.simulation.limits import OF_A_COMMAND
from job_console.engine.simulation.pool import STRATEGIES

from . import text
from .session import Session, ending_well
from .verbs_read import as_json_option, session
from .when import then


@click.command("metrics-history")
@click.option("--last", type=click.Choice(list(RANGES)), default="24h", show_default=True, help="How far back.")
@click.option("--until", metavar="TIME", help="The range's end, 2026-11-23T16:40:00Z; else now.")
@click.option("--by", type=click.Choice(["method", "queue", "site"]), default="method", show_default=True)
@click.option("--queue", help="Only of this queue.")
@click.option("--method", help="Only of this method.")
@click.option("--site", help="Only of this site.")
@as_json_option
@session
def metrics_history(here: Session, /, as_json: bool, **asked: Any) -> None:
    """Runs, failures, run and waiting times over the last minutes, days or months, and what kept workers busy."""
    with ending_well(here.address):
        here.show(here.console.history.read(**asked), as_json, text.history)


@click.command("report")
@click.option("--until", metavar="TIME", help="The week ends with the day before, 2026-11-23T16:40:00Z; else now.")
@click.option("--site", help="Only of this site.")
@as_json_option
@session
def report(here: Session, /, as_json: bool, **asked: Any) -> None:
    """The last seven days beside the seven before them: what failed most, what grew, what to change."""
    with ending_well(here.address):
        here.show(here.console.history.report(**asked), as_json, text.report)


@click.command("past")
@click.argument("moment", metavar="TIME", callback=then)
@as_json_option
@session
def past(here: Session, /, moment: datetime, as_json: bool) -> None:
    """The bench as it was at a moment of the last week: 14:00, "yesterday 14:00", or 20min (ago)."""
    with ending_well(here.address):
        here.show(here.console.past.moment(moment.isoformat()), as_json, text.past)


@click.command("what-if")
@click.option("--workers", multiple=True, metavar="QUEUES:+N", help="short,default:+1: one more for these; -1, =2.")
@click.option("--move", multiple=True, metavar="METHOD=QUEUE", help="Its jobs go to another queue.")
@click.option("--schedule", multiple=True, metavar="NAME=CRON", help="It is enqueued at other times.")
@click.option("--keep", metavar="QUEUE=TIME", default="", help="short=10s: the least change of workers that keeps it.")
@click.option("--jobs", type=float, default=90, show_default=True, help="Of a hundred, that are to keep it.")
@click.option("--strategy", type=click.Choice(STRATEGIES), default=STRATEGIES[0], show_default=True)
@as_json_option
@session
def what_if(here: Session, /, as_json: bool, **asked: Any) -> None:
    """How long jobs wait now and would with other workers, queues or schedules: recorded days, played again."""
    asked |= {name: "; ".join(asked[name]) for name in ("workers", "move", "schedule")}
    with ending_well(here.address):
        found = here.console.simulation.what_if(**asked, budget=OF_A_COMMAND)
        here.show(found, as_json, text.what_if)


VERBS = (metrics_history, report, past, what_if)

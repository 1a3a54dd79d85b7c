"""Verbs about failures: what failed and why, all of it; a group of them retried, one first."""

from __future__ import annotations

from typing import Any

import click

from . import text
from .session import Session, ending_well
from .verbs_act import acting, end
from .verbs_read import as_json_option, session

_group = click.argument("group", metavar="GROUP")
_queue = click.option("--queue", help="Only of this queue.")
_site = click.option("--site", help="Only of this site.")
_page = click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
_size = click.option("--size", type=click.IntRange(min=1), default=20, show_default=True)


@click.command()
@click.argument("group", metavar="[GROUP]", required=False)
@_queue
@click.option("--method", metavar="GLOB", help="Method, in part or with * and ?.")
@_site
@click.option("--order", type=click.Choice(["count", "last"]), default="count", show_default=True)
@_page
@_size
@as_json_option
@session
def failures(here: Session, /, as_json: bool, group: str | None, page: int, size: int, **asked: Any) -> None:
    """All failed jobs by their cause: method, exception, place in the code, message. With GROUP its jobs."""
    with ending_well(here.address):
        if group is None:
            here.show(here.console.failures.groups(page=page, size=size, **asked), as_json, text.failures)
            return
        found = here.console.failures.jobs(group, queue=asked["queue"], site=asked["site"], page=page, size=size)
        here.show(found, as_json, text.jobs)


@click.command("retry-group")
@_group
@click.option("--at-once", is_flag=True, help="All of them now, and not one first. At most 1,000.")
@click.option("--rate", type=click.FloatRange(min=1), default=60.0, show_default=True, help="Jobs a minute.")
@click.option(
    "--stop-at", type=click.IntRange(min=1), default=3, show_default=True, help="Stop at so many failures alike."
)
@click.option("--reason", default="", help="Why; kept in the audit trail. A canary needs one.")
@_queue
@_site
@as_json_option
@session
def retry_group(
    here: Session,
    /,
    as_json: bool,
    group: str,
    at_once: bool,
    rate: float,
    stop_at: int,
    reason: str,
    queue: str | None,
    site: str | None,
) -> None:
    """Retry all jobs of a group of failures: one first, and when it ends well the others, so many a minute.

    What follows is done by whatever sweeps: an open page, the bench's own processes, `watch`. The first that fails
    again ends it, and later so many that fail alike; what was not released stays failed. `failures` tells how far it
    is.
    """
    acting(here, as_json)
    with ending_well(here.address):
        done = here.console.failures.retry(group, not at_once, rate, stop_at, reason, queue, site)
        here.show(done, as_json, text.results if at_once else text.canary)
    if at_once:
        end(done)


@click.command("cancel-canary")
@click.argument("canary", metavar="CANARY")
@click.option("--reason", default="", help="Why; kept in the audit trail.")
@as_json_option
@session
def cancel_canary(here: Session, canary: str, reason: str, as_json: bool) -> None:
    """End the retry of a group: what it has not released stays failed. `failures` names CANARY."""
    acting(here, as_json)
    with ending_well(here.address):
        here.show(here.console.failures.cancel_canary(canary, reason), as_json, text.canary)


VERBS = (failures, retry_group, cancel_canary)

"""The verb schedule: what every site's schedule says, also while its database is down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from job_console.engine.diagnosis.limits import SCHEDULE_FRESH_S

from . import text
from .session import Session, ending_well
from .text import Document, Paint
from .verbs_read import as_json_option, session

_MARKS = {"finished": ".", "failed": "F", "timed_out": "T", "killed": "K", "skipped": "-"}
_STRIP = 20


@click.command()
@click.option("--site", help="One site only.")
@click.option("--day", is_flag=True, help="The next 24 hours instead: where too much comes together.")
@as_json_option
@session
def schedule(here: Session, /, as_json: bool, site: str | None, day: bool) -> None:
    """Schedules of all sites: when in words, next and last runs, outcomes. Each site tells its own, with its age."""
    with ending_well(here.address):
        if day:
            here.show(here.console.schedules.day(), as_json, rushes)
        else:
            here.show(here.console.schedules.all(site=site), as_json, table)


def table(document: Document, paint: Paint) -> Iterator[str]:
    if not document["schedules"]:
        yield "No site has told of its schedule. Sites do when somebody looks, or a job ends, on a bench with the app."
    at = datetime.fromisoformat(document["at"].replace("Z", "+00:00"))
    for number, known in enumerate(document["schedules"]):
        if number:
            yield ""
        yield from _head(known, paint, at)
        heads = ("schedule", "when", "next", "last", f"last {_STRIP} runs", "good", "usual", "state")
        rows = [_row(entry, at) for entry in known["entries"]]
        colours = ["yellow" if entry["problem"] else None for entry in known["entries"]]
        yield from text.table(heads, rows, paint, colours=colours, right=(5, 6), whole=(0,))


def _head(known: Document, paint: Paint, at: datetime) -> Iterator[str]:
    ticked = f"last tick {_ago(known['ticked_at'], at)} ago" if known["ticked_at"] else "never seen to tick"
    state = ticked if known["running"] else f"OFF: {known['reason']}"
    yield paint(known["site"], bold=True) + f"   {text.clean(state)}, time zone {text.clean(known['zone'])}"
    if known["age_s"] is None or known["age_s"] > SCHEDULE_FRESH_S:
        yield paint(f"As it was {text.age(known['age_s'])} ago: nobody has told since.", "yellow")


def _row(entry: Document, at: datetime) -> tuple[str, ...]:
    following = entry["next"][0] if entry["next"] else None
    rate = entry["success_rate"]
    return (
        entry["method"],
        entry["problem"] or entry["words"],
        f"in {_ago(following['starts_at'], at, ahead=True)}" if following else "",
        f"{_ago(entry['last_at'], at)} ago" if entry["last_at"] else "never",
        "".join(_MARKS[run["outcome"]] for run in entry["runs"][-_STRIP:]),
        "" if rate is None else f"{rate:.0%}",
        text.age(entry["usual_s"]),
        _state(entry),
    )


def _state(entry: Document) -> str:
    state = "paused" if entry["stopped"] else entry["job_status"] or ""
    owed = f"{text.plural(entry['owed'], 'run')} to make up for" if entry["owed"] else ""
    return ", ".join(filter(None, (state, owed)))


def _ago(moment: str, at: datetime, ahead: bool = False) -> str:
    seconds = (at - datetime.fromisoformat(moment.replace("Z", "+00:00"))).total_seconds()
    return text.age(max(-seconds if ahead else seconds, 0.0))


def rushes(document: Document, paint: Paint) -> Iterator[str]:
    yield f"{text.plural(document['runs'], 'run')} in the next 24 hours."
    if document["unknown"]:
        yield f"{text.plural(document['unknown'], 'schedule')} without a history, taken for short."
    for lane in document["lanes"]:
        if lane["unserved"]:
            runs = text.plural(lane["unserved"], "run")
            yield paint(f"No worker comes to {runs} in {lane['label']}.", "red")
    for rush in document["rushes"]:
        yield f"{paint(rush['lane'].rpartition(':')[2], bold=True)}  {text.clean(rush['text'])}"
    if not document["rushes"]:
        yield paint("Nobody waits for a worker.", "green")


VERBS = (schedule,)

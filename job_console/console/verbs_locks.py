"""Verbs about locks: locks, release, extend."""

from __future__ import annotations

from collections.abc import Iterator

import click

from . import text
from .session import Session, ending_well
from .text import Document, Paint
from .verbs_read import as_json_option, session

_key = click.argument("key", metavar="KEY")
_fence = click.option("--fence", type=int, help="Of one holder: only that one is meant.")


@click.command()
@click.option("--idle", is_flag=True, help="Those that were used lately, too.")
@as_json_option
@session
def locks(here: Session, /, as_json: bool, idle: bool) -> None:
    """Locks in use: who has them since when, who waits, and who waits for whom in a circle."""
    with ending_well(here.address):
        here.show(here.console.locks.all(idle=idle), as_json, table)


@click.command()
@_key
@click.option("--reason", required=True, help="Why; kept in the audit trail.")
@_fence
@as_json_option
@session
def release(here: Session, /, as_json: bool, key: str, reason: str, fence: int | None) -> None:
    """Take a lock from its holders. What they have not committed is rolled back; the next in line has it."""
    if not as_json:
        here.say_where(acting=True)
    with ending_well(here.address):
        here.show(here.console.locks.release(key, reason, fence), as_json, released)


@click.command()
@_key
@click.option("--seconds", type=click.FloatRange(min=1), default=300, show_default=True)
@click.option("--reason", default="", help="Why; kept in the audit trail.")
@_fence
@as_json_option
@session
def extend(here: Session, /, as_json: bool, key: str, seconds: float, reason: str, fence: int | None) -> None:
    """Give the holders of a lock more time."""
    if not as_json:
        here.say_where(acting=True)
    with ending_well(here.address):
        here.show(here.console.locks.extend(key, seconds, reason, fence), as_json, extended)


#: A look reads the jobs that run and the first that wait, and the newest files of a folder.
_MORE_OTHERS = "There may be more: of job ids those are listed that run or wait first, of lock files the newest."


def table(document: Document, paint: Paint) -> Iterator[str]:
    if not document["locks"]:
        yield "No locks are held."
    else:
        heads = ("key", "state", "holder", "since", "lease left", "waiting", "contended", "longest hold")
        yield from text.table(heads, [_row(lock) for lock in document["locks"]], paint, right=(4, 5, 6, 7), whole=(0,))
    if document["locks_at_least"]:
        yield f"These are the first {len(document['locks']):,}: there may be more."
    for circle in document["deadlocks"]:
        yield ""
        yield paint("Deadlock: ", "red", bold=True) + text.clean(
            ", and ".join(f"{edge['waiter']} waits for {edge['holder']} ({edge['lock']})" for edge in circle["edges"])
        )
        yield text.clean(f"The safest to break is held by {circle['victim']}: {text.release_command(circle['lock'])}")
    if document["others"]:
        yield from ("", paint("What else locks", bold=True))
    for other in document["others"]:
        site = f" of {other['site']}" if other["site"] else ""
        name = " ".join(other["document"]) if other["document"] else other["name"]
        age = f" for {text.age(other['age_s'])}" if other["age_s"] is not None and other["state"] != "free" else ""
        yield text.clean(f"{other['kind']} {name}{site}: {other['state']}{age}. {other['says']}")
    if document["others"] and document["others_at_least"]:
        yield _MORE_OTHERS


def _row(lock: Document) -> tuple[str, ...]:
    holder = lock["holder"] or {}
    many = f" and {lock['holders_total'] - 1:,} more" if lock["holders_total"] > 1 else ""
    return (
        lock["key"],
        lock["state"],
        (holder.get("method") or holder.get("job_id") or _process(holder)) + many,
        text.moment(lock["acquired_at"]) if lock["acquired_at"] else "",
        text.age(lock["expires_in_s"]),
        ("≥ " if lock.get("waiters_at_least") else "") + str(len(lock["waiters"])),
        f"{lock['contended']:,}",
        text.age(lock["longest_hold_s"]),
    )


def _process(holder: Document) -> str:
    return f"{holder['host']} · {holder['pid']}" if holder.get("pid") else ""


def released(document: Document, paint: Paint) -> Iterator[str]:
    key, holders = text.clean(document["lock"]["key"]), text.plural(document["released"], "holder")
    yield f"Released {key}; it was taken from {holders}."


def extended(document: Document, paint: Paint) -> Iterator[str]:
    lock = document["lock"]
    yield f"Extended {text.clean(lock['key'])}: its lease has {text.age(lock['expires_in_s'])} left."


VERBS = (locks, release, extend)

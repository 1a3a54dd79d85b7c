"""What a shell offers where a value stands on the command line: ids, queues, methods, codes of the bench that is asked.

click calls this while somebody presses Tab, and its scripts for bash, zsh and fish say where. One look, a bounded one;
whatever goes wrong offers nothing, since nothing else may stand on the terminal then.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from job_console.engine.service import Console

#: (what is offered, what it is)
Offers = Iterable[tuple[str, str]]
_MOST = 100


def offer_values(verb: click.Command) -> None:
    """Of each of its arguments and options whose values a bench has."""
    for parameter in verb.params:
        shown = (parameter.metavar or "").strip("[].").rstrip(".")
        values = _BY_METAVAR.get(shown) or _BY_NAME.get(parameter.name or "")
        if values and isinstance(parameter.type, click.types.StringParamType):
            parameter.type = _OfBench(values)


class _OfBench(click.types.StringParamType):
    def __init__(self, values: Callable[[Console, str], Offers]) -> None:
        self._values = values

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        with suppress(Exception):  # no Redis, no bench, no permission
            found = self._values(_console(ctx), incomplete)
            return [
                CompletionItem(_for_shell(value), help=about)
                for value, about in list(found)[:_MOST]
                if value.startswith(incomplete)
            ]
        return []


def _console(context: click.Context) -> Console:
    """While it completes, click does not call the group, which would make the session."""
    from .address import resolve
    from .session import Session

    return Session(resolve(context.find_root().params.get("url"), os.environ, Path.cwd())).console


def _for_shell(value: str) -> str:
    """Bash puts it on the command line as it is, and Frappe's ids have a `|`. Inside quotes it is text already."""
    if not os.environ.get("_JOB_CONSOLE_COMPLETE", "").startswith("bash"):
        return value
    return value if os.environ.get("COMP_WORDS", "").split(" ")[-1][:1] in ("'", '"') else shlex.quote(value)


def _jobs(console: Console, typed: str) -> Offers:
    found = console.jobs.page(size=_MOST)["jobs"]
    return [(each["id"], f"{each['status']}, {each['label']}") for each in found]


def _of_query(field: str) -> Callable[[Console, str], Offers]:
    """The values that a query has for this field."""

    def values(console: Console, typed: str) -> Iterator[tuple[str, str]]:
        for each in console.jobs.complete(f"{field}:{typed}")["offers"]:
            yield each["text"].strip('"'), each["about"]

    return values


def _query(console: Console, typed: str) -> Offers:
    answer = console.jobs.complete(typed)
    before = typed[: answer["from"]]
    return [(before + each["text"], each["about"]) for each in answer["offers"]]


def _warnings(console: Console, typed: str) -> Offers:
    return [(each["id"], each["message"]) for each in console.warnings.all()["warnings"]]


def _codes(console: Console, typed: str) -> Offers:
    from job_console.engine.diagnosis import manual

    return [(code, "") for code in sorted(manual.codes())]


def _locks(console: Console, typed: str) -> Offers:
    return [(each["key"], "") for each in console.locks.all()["locks"]]


def _groups(console: Console, typed: str) -> Offers:
    return [(each["group"], f"{each['method']}: {each['type']}") for each in console.failures.groups()["groups"]]


_BY_METAVAR = {
    "ID": _jobs,
    "QUEUE": _of_query("queue"),
    "WORKER": _of_query("worker"),
    "QUERY": _query,
    "WARNING": _warnings,
    "KEY": _locks,
    "GROUP": _groups,
}
_BY_NAME = {
    "queue": _of_query("queue"),
    "method": _of_query("method"),
    "site": _of_query("site"),
    "user": _of_query("user"),
    "status": _of_query("status"),
    "code": _codes,
}

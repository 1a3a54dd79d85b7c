"""Runs a step of a migration whose failure is reported and does not stop the migration."""

import html
from collections.abc import Callable

import click
import frappe

from job_console.engine.errors import JobConsoleError

from ..transactions.savepoint import Savepoint


def best_effort(what: str, do: Callable[[], object]) -> None:
    """Call `do`; when it fails, print that `what` is left as it is, and why."""
    before = Savepoint()
    try:
        do()
    except Exception as error:  # somebody's code, which may say and raise anything
        before.go_back()
        click.secho(f"{what} is left as it is: {_error_text(error)}", fg="yellow")
    else:
        before.release()


def _error_text(error: Exception) -> str:
    plain = html.unescape(frappe.utils.strip_html(str(error)))
    meant_for_people = isinstance(error, (frappe.ValidationError, JobConsoleError)) and plain
    return plain if meant_for_people else f"{type(error).__name__}: {plain}"

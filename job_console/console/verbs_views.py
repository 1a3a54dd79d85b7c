"""Verbs about saved views: `views`, `save-view`, `delete-view`."""

from __future__ import annotations

import click

from . import text
from .named_views import named
from .session import Session, ending_well
from .verbs_read import as_json_option, session


@click.command()
@as_json_option
@session
def views(here: Session, /, as_json: bool) -> None:
    """Saved views: yours and the shared ones. `jobs --view NAME` shows the jobs of one."""
    with ending_well(here.address):
        here.show(here.console.saved_views.all(), as_json, text.views)


@click.command("save-view")
@click.argument("name", metavar="NAME")
@click.argument("query", metavar="QUERY", nargs=-1, required=True)
@click.option("--sort", default="", help="As of jobs.")
@click.option("--shared", is_flag=True, help="For everybody, and not for you alone.")
@as_json_option
@session
def save_view(here: Session, /, name: str, query: tuple[str, ...], sort: str, shared: bool, as_json: bool) -> None:
    """Keep QUERY under NAME; one that has this name is changed."""
    with ending_well(here.address):
        here.show(here.console.saved_views.save(name, " ".join(query), sort, shared), as_json, text.views)


@click.command("delete-view")
@click.argument("name", metavar="NAME")
@as_json_option
@session
def delete_view(here: Session, /, name: str, as_json: bool) -> None:
    """Forget a saved view: by its name or its id."""
    with ending_well(here.address):
        here.show(here.console.saved_views.delete(named(here, name)["id"]), as_json, text.views)


VERBS = (views, save_view, delete_view)

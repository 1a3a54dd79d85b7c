"""Saved views by the names that people give them on the command line."""

from __future__ import annotations

from typing import Any

from job_console.engine.errors import BadRequest

from .session import Session


def named(here: Session, name: str) -> dict[str, Any]:
    """The view of this name, or with this id; one's own before a shared one. Raises BadRequest."""
    found = [each for each in here.console.saved_views.all()["views"] if name in (each["name"], each["id"])]
    if not found:
        raise BadRequest(f"There is no view {name!r}: see job-console views.")
    return min(found, key=lambda each: (each["id"] != name, each["shared"]))

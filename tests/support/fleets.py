"""Fleets of real servers: their file, and their HTTP server on a real port."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from job_console.console.auth import guard
from job_console.console.fleet import config, rights
from job_console.console.fleet.fleet import Fleet
from job_console.console.fleet.server import FleetApplication
from job_console.console.server import Server
from job_console.engine.service import Viewer
from tests.support.site import Site


def written(folder: Path, text: str, name: str = "benches.toml") -> str:
    """The path of a file that only its owner can read."""
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def benches(**urls: str) -> str:
    """The text of a fleet whose looks come quickly."""
    listed = "".join(f'[[bench]]\nname = "{name}"\nurl = "{url}"\n' for name, url in urls.items())
    return f"[defaults]\nlook_every_s = 1\n{listed}"


@contextlib.contextmanager
def serving_fleet(
    path: str, tokens: str | None = None, may_act: bool = True, metrics_token: str | None = None
) -> Iterator[tuple[Site, Fleet]]:
    entries = config.read(path)
    people = rights.read(tokens, [entry.name for entry in entries]) if tokens else ()
    me = Viewer("tester@here", may_act=may_act)
    fleet = Fleet(entries, me, sweeps=may_act)
    admitted = guard("127.0.0.1", None, tuple(each.person for each in people), metrics_token=metrics_token)
    with Server(FleetApplication(fleet, admitted, people, me), "127.0.0.1", 0) as running:
        fleet.start()
        yield Site(running.port, next(iter(fleet.members.values())).engine), fleet

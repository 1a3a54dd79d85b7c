"""The console as people use it: the command in a process of its own, the server on a real port."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rq import Queue

from job_console.console.embedded import Embedded
from tests import jobs as work
from tests.support.forkserver import command
from tests.support.processes import ROOT
from tests.support.site import Site, serving

#: For what is about the process itself: its start, its encoding, its signals. `run` is for all else.
COMMAND = [sys.executable, "-m", "job_console.console.cli"]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Fails when stdout is anything but one JSON document."""
        return json.loads(self.out)


def clean_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOB_CONSOLE_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture
def run(server: Embedded, redis: Any) -> Callable[..., Ran]:
    """`run("jobs", "--json")`: the command line on our server. `url=None` leaves --redis out."""

    def run(*arguments: str, url: str | None = server.url, cwd: Path = ROOT, **environment: str) -> Ran:
        asked = ["--redis", url] if url else []
        return Ran(*command([*asked, *arguments], clean_environment(**environment), cwd, timeout=240))

    return run


@pytest.fixture
def site(server: Embedded, redis: Any) -> Iterator[Site]:
    with serving(server.url) as running:
        yield running


@pytest.fixture
def lane(redis: Any) -> Queue:
    return Queue("bench:short", connection=redis)


@pytest.fixture
def job(lane: Any) -> Any:
    return lane.enqueue_call(work.WRAPPER, kwargs=work.wrapped("shop.sync"), job_id="a.localhost||one", timeout=300)


def frappe_job(lane: Any, job_id: str = "a.localhost||one", method: str = "shop.sync", **arguments: Any) -> Any:
    kwargs = work.wrapped(method, **arguments)
    return lane.enqueue_call(work.WRAPPER, kwargs=kwargs, job_id=job_id, timeout=300)

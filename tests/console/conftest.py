"""The console as people use it: the command in a process of its own, the server on a real port."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rq import Queue

from job_console.console.auth import guard
from job_console.console.embedded import Embedded
from job_console.console.server import Application, Server
from job_console.engine.link import connect
from job_console.engine.service import Engine, Viewer
from tests.support.processes import ROOT

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
        done = subprocess.run(
            [*COMMAND, *asked, *arguments],
            cwd=cwd,
            env=clean_environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Site:
    """A running server, and a browser-like way to ask it."""

    port: int
    engine: Engine
    sent: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)) as connection:
            data = json.dumps(body).encode() if isinstance(body, dict) else body
            defaults = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
            connection.request(method, path, data, {**defaults, **self.sent, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def act(self, action: str, *job_ids: str, headers: dict[str, str] | None = None, **words: Any) -> Answer:
        return self.ask("POST", "/api/act", {"action": action, "job_ids": list(job_ids), **words}, headers)


@contextlib.contextmanager
def serving(url: str, token: str | None = None, may_act: bool = True) -> Iterator[Site]:
    with contextlib.closing(connect(url)) as client:
        engine = Engine(client)
        application = Application(engine, Viewer("tester@here", may_act=may_act), guard("127.0.0.1", token))
        with Server(application, "127.0.0.1", 0) as running:
            yield Site(running.port, engine)


@pytest.fixture
def site(server: Embedded, redis: Any) -> Iterator[Site]:
    with serving(server.url) as running:
        yield running


@pytest.fixture
def lane(redis: Any) -> Queue:
    return Queue("bench:short", connection=redis)

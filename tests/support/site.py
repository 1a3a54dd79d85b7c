"""The operator console's server on a real port, and a browser-like way to ask it."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from job_console.console.auth import guard
from job_console.console.people import Person
from job_console.console.server import Application, Server
from job_console.engine.redis.link import connect
from job_console.engine.service import Engine, Viewer


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
def serving(
    url: str,
    token: str | None = None,
    may_act: bool = True,
    people: tuple[Person, ...] = (),
    behind_proxy: bool = False,
    metrics_token: str | None = None,
) -> Iterator[Site]:
    with contextlib.closing(connect(url)) as client:
        engine = Engine(client)
        admitted = guard("127.0.0.1", token, people, behind_proxy, metrics_token)
        application = Application(engine, Viewer("tester@here", may_act=may_act), admitted)
        with Server(application, "127.0.0.1", 0, behind_proxy) as running:
            yield Site(running.port, engine)

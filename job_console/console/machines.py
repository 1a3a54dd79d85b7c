"""What machines ask of a console, rather than people: does its process live, can it look, and how is the bench?

GET /healthz   200 as long as this process answers
GET /readyz    200 when Redis answers and the bench can be looked at, else 503
GET /status    the verdict as JSON; `?fail_on=critical` (or `warning`): 503 when it is so severe, or more
GET /metrics   for Prometheus: see `engine.metrics`

The first two give nothing away, so everybody may ask them: a probe has no token, and its Host is an address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.exceptions import NotImplemented as LacksLibrary
from werkzeug.wrappers import Request, Response

from job_console.engine.errors import BadRequest, JobConsoleError
from job_console.engine.metrics import BenchReader, Exporter
from job_console.engine.service import Engine, Viewer

from .auth import Guard
from .responses import answered, json_response
from .severe import SEVERITIES, reaching

log = logging.getLogger("job_console")


@dataclass(frozen=True)
class Machines:
    engine: Engine
    viewer: Viewer
    guard: Guard
    exporter: Exporter = field(init=False)

    def __post_init__(self) -> None:
        read = BenchReader(self.engine, self.viewer)
        object.__setattr__(self, "exporter", Exporter(self.engine, read, of_process=True))

    def asked(self, request: Request) -> Callable[[Request], Response] | None:
        """What answers this request, where it is one of a machine's."""
        paths = {"/healthz": self._health, "/readyz": self._ready, "/status": self._status, "/metrics": self._metrics}
        return paths.get(request.path)

    def answer(self, request: Request, do: Callable[[Request], Response]) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(("GET", "HEAD"), "Only GET and HEAD.")
        return do(request)

    def _health(self, request: Request) -> Response:
        return json_response(request, {"status": "ok"})

    def _ready(self, request: Request) -> Response:
        """The look is shared, and a failure is too: however often this is asked, Redis is asked once a second."""
        try:
            self.engine.watch.look()
        except JobConsoleError:
            return json_response(request, {"status": "redis unreachable"}, 503)
        except Exception:  # whatever it is, this console shows nothing now
            log.exception("No look")
            return json_response(request, {"status": "no look"}, 503)
        return json_response(request, {"status": "ok"})

    def _status(self, request: Request) -> Response:
        self.guard.admit_machine(request)
        asked = fail_on(request.args)
        document = self.engine.console(self.viewer).health()
        failed = asked is not None and document["verdict"] in reaching(asked)
        return json_response(request, document, 503 if failed else 200)

    def _metrics(self, request: Request) -> Response:
        self.guard.admit_machine(request)
        try:
            body, content_type = self.exporter.answer(request.headers.get("Accept", ""))
        except BadRequest as error:
            raise LacksLibrary(str(error)) from error
        response = Response(body, content_type=content_type)
        response.headers["Vary"] = "Accept"
        return response


def fail_on(arguments: Mapping[str, str]) -> str | None:
    """From which severity on `/status` fails, as it is asked. Raises BadRequest."""
    for name in arguments:
        if name != "fail_on":
            raise BadRequest(f"There is no argument {name!r}.")
    asked = arguments.get("fail_on")
    if asked is not None and asked not in SEVERITIES:
        raise BadRequest(f"fail_on is {' or '.join(SEVERITIES)}, not {asked!r}.")
    return asked


@dataclass(frozen=True)
class MachineApplication:
    """The WSGI application of a process that shows no page."""

    machines: Machines

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        return answered(Request(environ), self._answer, self.machines.engine.names)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        asked = self.machines.asked(request)
        if asked is None:
            raise NotFound("There is no page here: job-console serve has one.")
        return self.machines.answer(request, asked)

    def close(self) -> None:
        pass

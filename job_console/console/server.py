"""The HTTP server: the engine's calls under /api, the page everywhere else.

GET  /api/snapshot /api/jobs /api/search /api/show /api/explain /api/where /api/warnings /api/audit
POST /api/act                    JSON: {"action", "job_ids", "reason", "to", "queue", "started_at"}
POST /api/start_bulk             JSON: {"action", "q", "reason", "to"}; step_bulk, cancel_bulk, undo_bulk: {"bulk"}
POST /api/mend                   JSON: {"dry_run", "code"}
POST /api/remedy                 JSON: {"warning", "action", "reason"}
POST /api/silence_warning        JSON: {"warning", "how", "seconds", "reason"}
GET  /api/locks /api/lock
POST /api/release_lock           JSON: {"key", "reason", "fence"}
POST /api/extend_lock            JSON: {"key", "seconds", "reason", "fence"}
GET  /api/events                 server-sent events: "changed", {"at"}: how new a snapshot must be
GET  /openapi.json               all this, as a program reads it: see `openapi`
GET  /healthz /readyz /status    for machines: see `machines`
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from werkzeug.exceptions import MethodNotAllowed, NotFound, ServiceUnavailable
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from job_console.engine.errors import BadRequest
from job_console.engine.service import Engine, Viewer

from . import signing_in
from .auth import Guard
from .calls import ACTS, READS
from .events import Hub, TooManyListeners
from .machines import Machines
from .openapi import describe
from .page import serve_page
from .people import Person
from .responses import answered, json_response

#: An acting call names at most `limits.BULK_JOBS` ids.
BODY_BYTES = 1_000_000


Served = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Application:
    """The WSGI application."""

    engine: Engine
    viewer: Viewer
    guard: Guard
    #: What the page is told of where it stands: see `page.serve_page`.
    facts: Mapping[str, str] = field(default_factory=dict)
    hub: Hub = field(init=False)
    machines: Machines = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hub", Hub(self.engine.fingerprints))
        object.__setattr__(self, "machines", Machines(self.engine, self.viewer, self.guard))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = BODY_BYTES
        return answered(request, self._answer, self.engine.names)(environ, start_response)

    def close(self) -> None:
        self.hub.close()

    def _answer(self, request: Request) -> Response:
        path = request.path
        if asked := self.machines.asked(request):
            return self.machines.answer(request, asked)
        if path == "/sign-in" and signing_in.is_form(request):
            return signing_in.by_form(self.guard, request)
        if path.startswith("/api/"):
            person = self.guard.admit(request)
            return self._api(request, path.removeprefix("/api/"), person)
        if path == "/openapi.json":
            self.guard.admit(request)
            only(request, "GET", "HEAD")
            return json_response(request, describe())
        return self._page(request, path.lstrip("/"))

    def _api(self, request: Request, name: str, person: Person | None) -> Response:
        viewer = person.viewer if person and person.viewer else self.viewer
        if name in ACTS:
            only(request, "POST")
            self.guard.admit_act(request)
            call = _body(request, ACTS[name].takes)
            return self._document(request, ACTS[name].answer(self.engine.console(viewer), call))
        if name == "events":
            only(request, "GET")
            return self._events()
        if name not in READS:
            raise NotFound(f"There is no call {name!r}.")
        only(request, "GET", "HEAD")
        answer = READS[name].answer(self.engine.console(viewer))
        return self._document(request, answer(**arguments(request, READS[name].takes, READS[name].needs)))

    def _document(self, request: Request, document: dict[str, Any]) -> Response:
        """With the server and the bench that it is of."""
        return json_response(request, {**document, **self.engine.names})

    def _events(self) -> Response:
        try:
            stream = self.hub.listen()
        except TooManyListeners:
            raise ServiceUnavailable("Too many pages listen already; this one asks now and then.") from None
        response = Response(stream, content_type="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"
        return response

    def _page(self, request: Request, path: str) -> Response:
        only(request, "GET", "HEAD")
        return signing_in.to_page(self.guard, request, lambda _person: serve_page(request, path, self.facts))


def only(request: Request, *methods: str) -> None:
    """Raises unless it is one of these."""
    if request.method not in methods:
        raise MethodNotAllowed(methods, f"Only {' and '.join(methods)}.")


def _body(request: Request, known: frozenset[str]) -> dict[str, Any]:
    """The JSON object of an acting call."""
    try:
        call = json.loads(request.get_data())
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}") from error
    if not isinstance(call, dict):
        raise BadRequest("The body must be a JSON object.")
    if call.keys() - known:
        raise BadRequest(f"Unknown arguments: {', '.join(sorted(call.keys() - known))}.")
    return call


#: Of a number among the arguments: Redis counts to 64 bits, and pages are multiplied.
LARGEST = 2**31 - 1


def arguments(request: Request, known: Mapping[str, type], needed: Sequence[str] = ()) -> dict[str, Any]:
    """Query arguments, those left empty left out. Raises BadRequest without one that is needed."""
    found: dict[str, Any] = {}
    for name, value in request.args.items():
        if name not in known:
            raise BadRequest(f"There is no argument {name!r}.")
        if value == "":
            continue
        try:
            found[name] = known[name](value)
        except ValueError:
            raise BadRequest(f"{name} must be a number, not {value!r}.") from None
        if known[name] is int and abs(found[name]) > LARGEST:
            raise BadRequest(f"{name} is too large.")
    missing = [name for name in needed if name not in found]
    if missing:
        raise BadRequest(f"{missing[0]} is missing.")
    return found


class _QuietHandler(WSGIRequestHandler):
    """No line per request: the page asks every second, and an address can hold a token."""

    #: A kept connection that says nothing gives its thread back.
    timeout = 60

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def log_error(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        logging.getLogger("job_console").debug(format, *args)


class Serving(Protocol):
    """A WSGI application that ends with its server."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]: ...

    def close(self) -> None: ...


class Server:
    """The application on a port, in a thread of its own; `with` serves, and closes everything at its end."""

    def __init__(self, application: Serving, host: str, port: int, behind_proxy: bool = False) -> None:
        """`behind_proxy`: believe the X-Forwarded headers of one proxy. Raises OSError when the port cannot be had."""
        self._application = application
        served: Served = (
            ProxyFix(application, x_for=1, x_proto=1, x_host=1, x_prefix=1) if behind_proxy else application
        )
        self._server: BaseWSGIServer = _bind(host, port, served)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="job-console-http")
        self.port = self._server.port
        name = "localhost" if host in ("127.0.0.1", "::1") else f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self.port}/"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._application.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _bind(host: str, port: int, application: Served) -> BaseWSGIServer:
    # Bound here, because werkzeug prints its own advice and exits when a port is taken.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=128) as listener:
        port = listener.getsockname()[1]
        return make_server(host, port, application, threaded=True, request_handler=_QuietHandler, fd=listener.fileno())

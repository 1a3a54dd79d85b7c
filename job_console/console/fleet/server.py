"""The HTTP server of a fleet: the overview's calls under /api, each bench with its page and its calls under /b/NAME/.

GET  /api/fleet                   a row for each bench
GET  /api/find_job?job_id=        the benches that have a record of that job
GET  /api/fleet_failures          what fails, on all benches together
GET  /b/NAME/…                    all that `serve` has for one bench: see `console.server`
GET  /healthz /readyz /status     for machines, of all benches; those of one are /b/NAME/status, …
GET  /openapi.json

A request for a bench is let through where its circuit is closed; else it is refused at once, and the bench tried again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from werkzeug.exceptions import NotFound, ServiceUnavailable
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from job_console.engine.errors import JobConsoleError
from job_console.engine.service import Viewer

from .. import signing_in
from ..auth import Guard
from ..machines import fail_on
from ..page import serve_page
from ..people import Person, viewer
from ..responses import answered, error_response, finish, json_response
from ..server import Application, arguments, only
from ..severe import reaching
from .fleet import Fleet, Rights
from .member import CALLS, Member
from .openapi import PROBES, describe
from .rights import Member as Someone

#: Where the benches are: no view of the page has that name.
PREFIX = "/b/"
#: Calls of a bench that ask Redis nothing, or keep their own thread for as long as somebody listens.
_OF_THE_PROCESS = ("/api/events", "/healthz", "/openapi.json")
_ASKS = ("/api/", "/status", "/metrics", "/readyz")

_TAKES: Mapping[str, Mapping[str, type]] = {
    "fleet": {},
    "find_job": {"job_id": str},
    "fleet_failures": {"order": str, "method": str},
}
_NEEDS: Mapping[str, Sequence[str]] = {"find_job": ("job_id",)}


class FleetApplication:
    """The WSGI application. `people`: those with rights of each bench; none of them, and everybody has `everywhere`."""

    def __init__(self, fleet: Fleet, guard: Guard, people: tuple[Someone, ...], starter: Viewer) -> None:
        """`guard` admits `people`, and whoever has the token of `starter`, who started the server."""
        self._fleet = fleet
        self._guard = guard
        self._people = {someone.person.token: someone for someone in people}
        self._everywhere: Rights = dict.fromkeys(fleet.members, "operate" if starter.may_act else "look")
        self._starter = starter
        self._benches = {name: self._bench(member) for name, member in fleet.members.items()}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith(PREFIX) and not signing_in.is_form(request):
            return self._of_bench(request)(environ, start_response)
        return answered(request, self._answer, {})(environ, start_response)

    def close(self) -> None:
        for bench in self._benches.values():
            bench.close()
        self._fleet.close()

    def _bench(self, member: Member) -> Application:
        """Its own application: it admits those with a right on it, and lets each do what that is."""
        mine = [
            replace(someone.person, viewer=viewer(_name(someone), someone.rights[member.name]))
            for someone in self._people.values()
            if member.name in someone.rights
        ]
        starters = [person for person in self._guard.people if person.token not in self._people]
        # A guard without people asks for no token: where some have one, nobody is known by this.
        nobody = [Person(secrets.token_hex(32))] if self._guard.people else []
        admits = replace(self._guard, people=(*mine, *starters, *nobody))
        facts = {"fleet": "bench", "bench": member.name}
        return Application(member.engine, self._starter, admits, facts)

    def _answer(self, request: Request) -> Response:
        path = request.path
        if path in PROBES:
            only(request, "GET", "HEAD")
            return json_response(request, {"status": "ok"})
        if path == "/status":
            return self._status(request)
        if signing_in.is_form(request):
            return signing_in.by_form(self._guard, request)
        if path.startswith("/api/"):
            return self._api(request, path.removeprefix("/api/"))
        if path == "/openapi.json":
            self._guard.admit(request)
            only(request, "GET", "HEAD")
            return json_response(request, describe())
        if path == "/metrics":
            raise NotFound("Each bench has metrics of its own: /b/NAME/metrics.")
        only(request, "GET", "HEAD")
        facts = {"fleet": "overview"}
        return signing_in.to_page(self._guard, request, lambda _person: serve_page(request, path.lstrip("/"), facts))

    def _api(self, request: Request, name: str) -> Response:
        rights = self._rights(self._guard.admit(request))
        calls: Mapping[str, Callable[..., Mapping[str, Any]]] = {
            "fleet": self._fleet.overview,
            "find_job": self._fleet.find,
            "fleet_failures": self._fleet.failures,
        }
        if name not in calls:
            raise NotFound(f"There is no call {name!r} of the fleet; those of a bench are under /b/NAME/api/.")
        only(request, "GET", "HEAD")
        return json_response(request, calls[name](rights, **arguments(request, _TAKES[name], _NEEDS.get(name, ()))))

    def _status(self, request: Request) -> Response:
        only(request, "GET", "HEAD")
        rights = self._everywhere
        if not self._guard.is_machine(request):
            rights = self._rights(self._guard.admit(request))
        asked, document = fail_on(request.args), self._fleet.verdict(rights)
        failed = asked is not None and document["verdict"] in reaching(asked)
        return json_response(request, document, 503 if failed else 200)

    def _rights(self, person: Person | None) -> Rights:
        """Without tokens, or with the token of whoever started the server: everywhere."""
        someone = self._people.get(person.token) if person else None
        return someone.rights if someone else self._everywhere

    def _of_bench(self, request: Request) -> Callable[..., Iterable[bytes]]:
        """The WSGI application that answers; what goes wrong before it is asked is answered here."""
        name, slash, rest = request.path.removeprefix(PREFIX).partition("/")
        try:
            member = self._admitted(request, name, "/" + rest)
            if member is None:
                return finish(signing_in.to_page(self._guard, request, lambda _person: redirect("./", 303)))
            if not slash:
                return finish(redirect(f"{name}/", 308))
        except Exception as error:
            return finish(error_response(request, error, {}))
        return self._passed_on(request, member, "/" + rest)

    def _admitted(self, request: Request, name: str, rest: str) -> Member | None:
        """The bench that this request is for. None: its page is asked for by whoever must sign in first.

        Who has no right on it learns no more of it than of one that there is not.
        """
        if rest in ("/status", "/metrics") and self._guard.is_machine(request):
            rights = self._everywhere
        elif _is_call(rest):
            rights = self._rights(self._guard.admit(request))
        elif request.args.get("token") or (self._guard.people and self._guard.known(request) is None):
            return None
        else:
            rights = self._rights(self._guard.admit(request))
        if name not in rights:
            raise NotFound(f"There is no bench {name!r} here, or none that you may look at.")
        return self._fleet.members[name]

    def _passed_on(self, request: Request, member: Member, path: str) -> Callable[..., Iterable[bytes]]:
        application = self._benches[member.name]
        root = f"{request.root_path}{PREFIX}{member.name}"
        environ = {**request.environ, "SCRIPT_NAME": root, "PATH_INFO": path}

        def pass_on(_environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
            if not path.startswith(_ASKS) or path in _OF_THE_PROCESS:
                return application(environ, start_response)
            if not member.calls.acquire(blocking=False):
                busy = ServiceUnavailable(f"{member.name} answers too slowly: {CALLS} calls wait for it already.")
                return self._refused(request, member, busy)(environ, start_response)
            try:
                member.check()
                return application(environ, start_response)
            except JobConsoleError as error:
                return self._refused(request, member, error)(environ, start_response)
            finally:
                member.calls.release()

        return pass_on

    @staticmethod
    def _refused(request: Request, member: Member, error: Exception) -> Response:
        return finish(error_response(request, error, member.engine.names))


def _is_call(path: str) -> bool:
    return path.startswith("/api/") or path in ("/openapi.json", "/status", "/metrics", "/healthz", "/readyz")


def _name(someone: Someone) -> str:
    return someone.person.viewer.name if someone.person.viewer else ""

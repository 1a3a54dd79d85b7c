"""Who may talk to the HTTP server.

Without a token only loopback is served, and only under a loopback name: a page of another site that makes its own
name resolve to 127.0.0.1 (DNS rebinding) is turned away by its Host header. With a token every request must carry
it: `Authorization: Bearer TOKEN`, or the cookie that `/?token=TOKEN` and the sign-in page set. Tokens of people
(`people`) say who it is, and what she may.

A request that acts must come from our own page: JSON (which no cross-site form can send without asking first), and
an Origin and Sec-Fetch-Site, where the browser sends them, of our own.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden, Unauthorized, UnsupportedMediaType
from werkzeug.wrappers import Request, Response

from job_console.engine.errors import BadRequest

from .people import Person, check_token

#: Headers of a proxy, which may let anybody through under a loopback name.
_OF_PROXIES = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded")


@dataclass(frozen=True, slots=True)
class Guard:
    #: None: everybody who reaches this host.
    people: tuple[Person, ...] = ()
    #: Admits to what machines ask, and to nothing else.
    metrics_token: str | None = None

    def admit(self, request: Request) -> Person | None:
        """Whose request it is, where there are tokens. Raises unless it may be answered at all."""
        person = None
        if not self.people:
            if any(name in request.headers for name in _OF_PROXIES):
                raise Forbidden("A proxy stands before this console: it needs --behind-proxy and a token.")
            if not is_loopback(_host_name(request.host)):
                raise Forbidden(f"This console answers to localhost only, not to {request.host!r}.")
        elif (person := self.known(request)) is None:
            raise Unauthorized("This console wants its token.")
        if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and not _is_navigation(request):
            raise Forbidden("Requests from other sites are not answered.")
        return person

    def admit_machine(self, request: Request) -> None:
        """As `admit`, for the verdict and the metrics alone: their own token is enough."""
        if not self.is_machine(request):
            self.admit(request)

    def is_machine(self, request: Request) -> bool:
        """Whether it has the token of machines."""
        return self.metrics_token is not None and _same(self.metrics_token, _bearer(request))

    def admit_act(self, request: Request) -> None:
        """Raises unless this request, already admitted, comes from our own page or from a program."""
        self.same_origin(request)
        if request.mimetype != "application/json":
            raise UnsupportedMediaType("Acting calls are JSON.")

    def same_origin(self, request: Request) -> None:
        origin = request.headers.get("Origin")
        # Hosts only: behind a proxy that ends TLS the browser says https and we see http.
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise Forbidden("Requests from other sites are not answered.")

    def known(self, request: Request) -> Person | None:
        return self.named(_bearer(request)) or self.named(request.cookies.get(self.cookie_name(request), ""))

    def named(self, given: str) -> Person | None:
        """Whose token this is. Takes equally long for every wrong one."""
        found = None
        for person in self.people:
            if _same(person.token, given):
                found = person
        return found

    def remember(self, request: Request, person: Person, response: Response) -> Response:
        response.set_cookie(
            self.cookie_name(request),
            person.token,
            path=request.root_path or "/",  # under a prefix: of this console alone
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    @staticmethod
    def cookie_name(request: Request) -> str:
        # Browsers share cookies among the ports of a host: two consoles must not overwrite each other's.
        return f"job_console_{urlsplit('//' + request.host).port or 80}"


def guard(
    host: str,
    token: str | None,
    people: tuple[Person, ...] = (),
    behind_proxy: bool = False,
    metrics_token: str | None = None,
) -> Guard:
    """The guard for a server bound to `host`: `token` is that of whoever started it.

    Raises BadRequest when anybody could then reach it without a token.
    """
    if token is None and not people and (behind_proxy or not is_loopback(host)):
        who = "the proxy" if behind_proxy else host
        raise BadRequest(
            f"Everybody who reaches {who} could act on your jobs: give --token (or $JOB_CONSOLE_TOKEN), or --tokens."
        )
    if token is not None:
        check_token(token)
        people = (*people, Person(token))
    if metrics_token is not None:
        check_token(metrics_token, "The metrics")
    return Guard(people, metrics_token)


def _bearer(request: Request) -> str:
    """The token of the Authorization header, or nothing."""
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def _same(token: str, given: str) -> bool:
    return hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_name(host: str) -> str:
    try:
        return urlsplit("//" + host).hostname or ""
    except ValueError:
        return ""


def _is_navigation(request: Request) -> bool:
    """Somebody followed a link to us: that shows our page, and gives the other site nothing."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"

"""Who may talk to the HTTP server.

Without a token only loopback is served, and only under a loopback name: a page of another site that makes its own
name resolve to 127.0.0.1 (DNS rebinding) is turned away by its Host header. With a token every request must carry
it: `Authorization: Bearer TOKEN`, or the cookie that `/?token=TOKEN` and the sign-in page set.

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

#: A token that guards a port which others can reach must be worth guessing at for years.
TOKEN_CHARS = 16


@dataclass(frozen=True, slots=True)
class Guard:
    token: str | None = None

    def admit(self, request: Request) -> None:
        """Raises unless this request may be answered at all."""
        if self.token is None:
            if not is_loopback(_host_name(request.host)):
                raise Forbidden(f"This console answers to localhost only, not to {request.host!r}.")
        elif not self.knows(request):
            raise Unauthorized("This console wants its token.")
        if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and not _is_navigation(request):
            raise Forbidden("Requests from other sites are not answered.")

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

    def knows(self, request: Request) -> bool:
        if self.token is None:
            return True
        scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.matches(given.strip()):
            return True
        return self.matches(request.cookies.get(self.cookie_name(request), ""))

    def matches(self, given: str) -> bool:
        """Takes equally long for every wrong token."""
        return hmac.compare_digest((self.token or "").encode(), given.encode("utf-8", "replace"))

    def remember(self, request: Request, response: Response) -> Response:
        response.set_cookie(self.cookie_name(request), self.token or "", httponly=True, samesite="Lax")
        return response

    @staticmethod
    def cookie_name(request: Request) -> str:
        # Browsers share cookies among the ports of a host: two consoles must not overwrite each other's.
        return f"job_console_{urlsplit('//' + request.host).port or 80}"


def guard(host: str, token: str | None) -> Guard:
    """The guard for a server bound to `host`. Raises BadRequest when anybody could then reach it without a token."""
    if token is None and not is_loopback(host):
        raise BadRequest(f"Everybody who reaches {host} could act on your jobs: give --token (or $JOB_CONSOLE_TOKEN).")
    if token is not None and len(token) < TOKEN_CHARS:
        raise BadRequest(f"The token must have at least {TOKEN_CHARS} characters.")
    return Guard(token)


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

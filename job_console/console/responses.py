"""What every answer of the HTTP server has in common: headers, JSON, compression, errors."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from job_console.engine import errors, messages

from . import languages, reader

log = logging.getLogger("job_console")

#: Below this, compressing costs more than it saves.
GZIP_BYTES = 2_000

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with that, browsers send `Origin: null` when our own sign-in form is submitted.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

#: The one place where the engine's errors become HTTP.
STATUS = {
    errors.BadRequest: 400,
    errors.Forbidden: 403,
    errors.NoSuchJob: 404,
    errors.NoSuchLock: 404,
    errors.NoSuchWarning: 404,
    errors.NoSuchGroup: 404,
    errors.LockMoved: 409,
    errors.RedisUnavailable: 503,
}


def answered(request: Request, answer: Callable[[Request], Response], names: Mapping[str, Any]) -> Response:
    """What `answer` returns, or the error that it raises as one."""
    try:
        response = answer(request)
    except Exception as error:
        response = error_response(request, error, names)
    return finish(response)


def finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def json_response(request: Request, document: Any, status: int = 200) -> Response:
    spoken = messages.spoken(document, reader.of_request(request))
    body = json.dumps(spoken, separators=(",", ":")).encode()
    response = Response(body, status, content_type="application/json")
    if len(body) >= GZIP_BYTES and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(body, 5))
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = f"Accept-Encoding, {languages.VARY}, {reader.ZONE}"
    return response


def error_response(request: Request, error: Exception, names: Mapping[str, Any]) -> Response:
    """An error as the page expects it: `{"error": {"type", "message"}}` with a fitting status, and which server and
    bench it is of (`names`). Those who were not admitted come to know neither."""
    if isinstance(error, errors.JobConsoleError):
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
        return _error(request, type(error).__name__, str(error), status, names)
    if isinstance(error, HTTPException):
        response = _error(request, error.name.replace(" ", ""), error.description or error.name, error.code or 500)
        if error.code == 405:
            response.headers.update(error.get_headers(request.environ))
            response.content_type = "application/json"
        return response
    log.exception("%s %s failed", request.method, request.path)
    return _error(request, "InternalError", "The console failed on this request; its log has the traceback.", 500)


def _error(request: Request, kind: str, message: str, status: int, names: Mapping[str, Any] | None = None) -> Response:
    return json_response(request, {"error": {"type": kind, "message": message}, **(names or {})}, status)

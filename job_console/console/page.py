"""The one page and its assets, as Vite built them into `static/`."""

from __future__ import annotations

from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

STATIC = Path(__file__).parent / "static"
#: Vite puts a hash into the names of assets: they never change.
ASSETS = "assets/"

NOT_BUILT = """The page has not been built yet. In a checkout of Job Console, run

    cd ui && npm ci && npm run build

The command line (job-console snapshot, jobs, warnings …) and /api work without it.
"""

SIGN_IN = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Job Console</title>
<h1>Job Console</h1>
<form method="post" action="sign-in">
<p><label>Token <input type="password" name="token" autofocus autocomplete="current-password"></label>
<button>Open</button></p>
<p>{note}</p>
</form></html>
"""


def serve_page(request: Request, path: str) -> Response:
    """A built file; any other address is one of the page's own views, so: the page."""
    if not (STATIC / "index.html").is_file():
        return Response(NOT_BUILT, 503, content_type="text/plain; charset=utf-8")
    if path:
        try:
            response = send_from_directory(STATIC, path, request.environ)
        except NotFound:
            if path.startswith(ASSETS):
                raise
        else:
            kept = "public, max-age=31536000, immutable" if path.startswith(ASSETS) else "no-cache"
            response.headers["Cache-Control"] = kept
            return response
    return send_from_directory(STATIC, "index.html", request.environ, max_age=0)


def sign_in_page(note: str = "") -> Response:
    return Response(SIGN_IN.format(note=note), 401, content_type="text/html; charset=utf-8")

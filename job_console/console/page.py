"""The one page and its assets: as Vite built them into `static/`, or as `bench build` did for a bench."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

STATIC = Path(__file__).parent / "static"
#: Vite and Frappe put a hash into the names of assets: they never change.
ASSETS = "assets/"
FOREVER = "public, max-age=31536000, immutable"

PUBLIC = Path(__file__).parents[1] / "public"
#: Where Frappe's esbuild puts what it makes of `*.bundle.js`.
BENCH_BUILT = PUBLIC / "dist" / "js"
BUNDLE = "job_console_web.bundle"
SOURCE = PUBLIC / "js" / "job_monitor" / "web" / "index.html"

NOT_BUILT = """The page has not been built yet. On a bench, run

    bench build --app job_console

and in a checkout of Job Console

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
    if (STATIC / "index.html").is_file():
        return _asset(request, path) or send_from_directory(STATIC, "index.html", request.environ, max_age=0)
    built = _bench_built()
    if built is None:
        return Response(NOT_BUILT, 503, content_type="text/plain; charset=utf-8")
    if path and path in built:
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        return Response(built[path], content_type=f"{kind}; charset=utf-8", headers={"Cache-Control": FOREVER})
    if path.startswith(ASSETS):
        raise NotFound
    return Response(built[""], content_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


def _asset(request: Request, path: str) -> Response | None:
    """A file of `static/`; None when the address is none. Raises NotFound for an asset that is not there."""
    if not path:
        return None
    try:
        response = send_from_directory(STATIC, path, request.environ)
    except NotFound:
        if path.startswith(ASSETS):
            raise
        return None
    response.headers["Cache-Control"] = FOREVER if path.startswith(ASSETS) else "no-cache"
    return response


def _bench_built() -> dict[str, str] | None:
    """Address to text of the page ("") and its two assets, as `bench build` made them; None when it did not."""
    scripts = sorted(BENCH_BUILT.glob(f"{BUNDLE}.*.js"), key=lambda file: file.stat().st_mtime)
    return _from_bundle(scripts[-1]) if scripts and SOURCE.is_file() else None


@lru_cache(maxsize=2)
def _from_bundle(bundle: Path) -> dict[str, str] | None:
    """Frappe's esbuild writes a bundle's styles into its script, as a first line that calls the desk:
    `frappe.dom.set_style("…");`. Here they become a style sheet of their own."""
    first, _, script = bundle.read_text("utf-8").partition("\n")
    call = re.fullmatch(r"frappe\.dom\.set_style\((.*)\);", first)
    if call is None:
        return None
    code, styles = f"{ASSETS}{bundle.name}", f"{ASSETS}{bundle.stem}.css"
    page = SOURCE.read_text("utf-8").replace("</head>", f'<link rel="stylesheet" href="{styles}" />\n\t</head>')
    page = page.replace(f'type="module" src="./{BUNDLE}.js"', f'defer src="{code}"')
    return {"": page, code: script, styles: json.loads(call.group(1))}


def sign_in_page(note: str = "") -> Response:
    return Response(SIGN_IN.format(note=note), 401, content_type="text/html; charset=utf-8")

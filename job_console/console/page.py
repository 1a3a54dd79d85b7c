"""The one page and its assets: as Vite built them into `static/`, or as `bench build` did for a bench."""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join
from werkzeug.wrappers import Request, Response

STATIC = Path(__file__).parent / "static"
PAGE = "index.html"
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


@dataclass(frozen=True)
class Asset:
    """A file of the page, packed once for all who ask for it."""

    kind: str
    body: bytes
    packed: bytes
    etag: str

    @classmethod
    def of(cls, name: str, body: bytes) -> Asset:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind += "; charset=utf-8" if kind.startswith("text/") else ""
        return cls(kind, body, gzip.compress(body, 9, mtime=0), hashlib.blake2b(body, digest_size=12).hexdigest())

    def response(self, request: Request, cache: str) -> Response:
        """Compressed where the browser can read that; 304 where it has it already."""
        packs = bool(request.accept_encodings["gzip"]) and len(self.packed) < len(self.body)
        response = Response(self.packed if packs else self.body, content_type=self.kind)
        if packs:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = cache
        response.set_etag(f"{self.etag}-gzip" if packs else self.etag)
        return response.make_conditional(request)


def serve_page(request: Request, path: str, facts: Mapping[str, str] | None = None) -> Response:
    """A built file; any other address is one of the page's own views, so: the page. `facts` stand in its head."""
    vite_built = (STATIC / PAGE).is_file()
    asset = _of_static(path) if vite_built else _bench_built().get(path or PAGE)
    if asset is None:
        if path.startswith(ASSETS):
            raise NotFound
        asset = _of_static(PAGE) if vite_built else _bench_built().get(PAGE)
    if asset is None:
        return Response(NOT_BUILT, 503, content_type="text/plain; charset=utf-8")
    if facts and asset.kind.startswith("text/html"):
        asset = _with_facts(asset.body, tuple(facts.items()))
    return asset.response(request, FOREVER if path.startswith(ASSETS) else "no-cache")


@lru_cache(maxsize=64)
def _with_facts(page: bytes, facts: tuple[tuple[str, str], ...]) -> Asset:
    """Scripts within a page are not run (Content-Security-Policy), so it reads them of its `meta` elements."""
    said = "".join(f'<meta name="job-console-{name}" content="{escape(value)}" />' for name, value in facts)
    return Asset.of(PAGE, page.replace(b"</head>", said.encode() + b"</head>", 1))


def _of_static(path: str) -> Asset | None:
    """A file of `static/`; None when the address is none."""
    name = safe_join(str(STATIC), path)
    file = Path(name) if name and path else None
    return _read(file, file.stat().st_mtime_ns) if file and file.is_file() else None


@lru_cache(maxsize=64)
def _read(file: Path, changed_ns: int) -> Asset:
    return Asset.of(file.name, file.read_bytes())


def _bench_built() -> Mapping[str, Asset]:
    """The page and its two assets by their addresses, as `bench build` made them; none when it did not."""
    scripts = sorted(BENCH_BUILT.glob(f"{BUNDLE}.*.js"), key=lambda file: file.stat().st_mtime)
    return _from_bundle(scripts[-1]) if scripts and SOURCE.is_file() else {}


@lru_cache(maxsize=2)
def _from_bundle(bundle: Path) -> Mapping[str, Asset]:
    """Frappe's esbuild writes a bundle's styles into its script, as a first line that calls the desk:
    `frappe.dom.set_style("…");`. Here they become a style sheet of their own."""
    first, _, script = bundle.read_text("utf-8").partition("\n")
    call = re.fullmatch(r"frappe\.dom\.set_style\((.*)\);", first)
    if call is None:
        return {}
    code, styles = f"{ASSETS}{bundle.name}", f"{ASSETS}{bundle.stem}.css"
    page = SOURCE.read_text("utf-8").replace("</head>", f'<link rel="stylesheet" href="{styles}" />\n\t</head>')
    page = page.replace(f'type="module" src="./{BUNDLE}.js"', f'defer src="{code}"')
    texts = {PAGE: page, code: script, styles: json.loads(call.group(1))}
    return {address: Asset.of(address, text.encode()) for address, text in texts.items()}


def sign_in_page(note: str = "") -> Response:
    return Response(SIGN_IN.format(note=note), 401, content_type="text/html; charset=utf-8")

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

from job_console.engine import messages
from job_console.engine.messages import _

from . import languages, reader

STATIC = Path(__file__).parent / "static"
PAGE = "index.html"
#: Words of the page in other languages.
WORDS = "words/"
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
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Job Console</title>
<h1>Job Console</h1>
<form method="post" action="sign-in">
<p><label>{token} <input type="password" name="token" autofocus autocomplete="current-password"></label>
<button>{sign_in}</button></p>
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
    """A built file, or the words of a language; any other address is one of the page's own views, so: the page, for its
    reader. `facts` stand in its head.
    """
    if path.startswith(WORDS):
        return _words(request, path.removeprefix(WORDS).removesuffix(".json"))
    vite_built = (STATIC / PAGE).is_file()
    asset = _of_static(path) if vite_built else _bench_built().get(path or PAGE)
    if asset is None:
        if path.startswith(ASSETS):
            raise NotFound
        asset = _of_static(PAGE) if vite_built else _bench_built().get(PAGE)
    if asset is None:
        return Response(NOT_BUILT, 503, content_type="text/plain; charset=utf-8")
    if not asset.kind.startswith("text/html"):
        return asset.response(request, FOREVER if path.startswith(ASSETS) else "no-cache")
    language = languages.of_request(request)
    response = _written(asset.body, language, tuple((facts or {}).items())).response(request, "no-cache")
    response.headers["Vary"] = f"Accept-Encoding, {languages.VARY}"
    return response


def _words(request: Request, language: str) -> Response:
    """Their address has what changes with them (`_written`)."""
    if language not in languages.known():
        raise NotFound
    return Asset.of("words.json", languages.words_of_page(language)[0]).response(request, FOREVER)


@lru_cache(maxsize=64)
def _written(page: bytes, language: str, facts: tuple[tuple[str, str], ...]) -> Asset:
    """For its reader. Scripts within a page are not run (Content-Security-Policy), so it reads of its `meta` elements
    what it is told: the facts, which languages there are, and where the words of this one are.
    """
    facts = (*facts, ("languages", json.dumps(dict(languages.known()), ensure_ascii=False)))
    if language != languages.ENGLISH:
        facts = (*facts, ("words", f"{WORDS}{language}.json?{languages.words_of_page(language)[1]}"))
    said = "".join(f'<meta name="job-console-{name}" content="{escape(value)}" />' for name, value in facts)
    page = page.replace(b'<html lang="en">', f'<html lang="{language}">'.encode(), 1)
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


def sign_in_page(request: Request, note: str = "") -> Response:
    said = {"token": _("Token"), "sign_in": _("Sign in"), "note": note}
    words = {name: escape(text) for name, text in messages.spoken(said, reader.of_request(request)).items()}
    text = SIGN_IN.format(language=languages.of_request(request), **words)
    return Response(text, 401, {"Vary": languages.VARY}, content_type="text/html; charset=utf-8")

"""The languages of the operator console: English, and each that has a file in `job_console/locale`.

They are the files that the desk's translations come from, read here without Frappe: the page's own words go to the
page as one file, and sentences of the engine are written in the reader's language with each answer (`reader`). Who asks
says which: by the choice that the page remembers in a cookie, else by what the browser prefers. A program that says
neither gets English.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line starts without it
    from werkzeug.wrappers import Request


ENGLISH = "en"
#: The page writes it: web/language.js.
COOKIE = "job_console_language"
#: What an answer depends on.
VARY = "Accept-Language, Cookie"
LOCALE = Path(__file__).parents[1] / "locale"
#: Where a sentence of the page stands, by the comments of its entry.
_PAGE = "job_console/public/"


@lru_cache(maxsize=1)
def known() -> Mapping[str, str]:
    """Tag as browsers write it (`pt-BR`) → the language's name in itself; English first."""
    from babel import Locale

    tags = [ENGLISH, *sorted(file.stem.replace("_", "-") for file in LOCALE.glob("*.po"))]
    return {tag: Locale.parse(tag, sep="-").get_display_name() or tag for tag in tags}


def of_request(request: Request) -> str:
    """One of `known`."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in known() else request.accept_languages.best_match(known(), ENGLISH) or ENGLISH


def sentences(language: str) -> Mapping[str, str]:
    """English → this language, of what is translated; a dialect has what it lacks from its language."""
    return _read(language)[0]


def words_of_page(language: str) -> tuple[bytes, str]:
    """(the same of the page's own words, as JSON; what changes when it does)."""
    return _read(language)[1:]


@lru_cache(maxsize=64)
def _read(language: str) -> tuple[Mapping[str, str], bytes, str]:
    found, of_page = _entries(language)
    body = json.dumps(of_page, ensure_ascii=False, separators=(",", ":")).encode()
    return found, body, hashlib.blake2b(body, digest_size=8).hexdigest()


def _entries(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """(all, those of the page)"""
    parent, dialect, _rest = language.partition("-")
    found, of_page = _entries(parent) if dialect else ({}, {})
    file = LOCALE / f"{language.replace('-', '_')}.po"
    if language == ENGLISH or not file.is_file():
        return found, of_page
    from babel.messages.pofile import read_po  # not before somebody wants another language

    with file.open("rb") as opened:
        for message in read_po(opened):
            if isinstance(message.id, str) and message.id and isinstance(message.string, str) and message.string:
                found[message.id] = message.string
                if any(place.startswith(_PAGE) for place, _line in message.locations):
                    of_page[message.id] = message.string
    return found, of_page

"""The operator console in the language of who reads it: the page, its words, and the sentences of answers."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from job_console.console import languages, page
from job_console.engine.redis import keys

from ..engine.bench import enqueue
from ..support.site import serving


@pytest.fixture
def waits(redis: Any) -> None:
    """A job that nobody serves: the snapshot has a sentence about it."""
    job = enqueue(redis)
    redis.hset(keys.job(job.id), "enqueued_at", "2026-01-01T00:00:00.000000Z")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ({}, "en"),
        ({"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}, "de"),
        ({"Accept-Language": "fr, es;q=0.4"}, "es"),
        ({"Accept-Language": "fr"}, "en"),
        ({"Accept-Language": "de", "Cookie": "job_console_language=es"}, "es"),
        ({"Accept-Language": "de", "Cookie": "job_console_language=en"}, "en"),
        ({"Accept-Language": "de", "Cookie": "job_console_language=../../x"}, "de"),
    ],
)
@pytest.mark.usefixtures("waits")
def test_sentences_are_in_the_readers(site: Any, asked: dict[str, str], language: str) -> None:
    answer = site.ask("GET", "/api/snapshot", headers=asked)
    assert {"en": "waiting job", "de": "wartende", "es": "espera"}[language] in answer.json["surveyed"]["text"]
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.parametrize("asked", ["de", "es"])
def test_errors_too(site: Any, asked: str) -> None:
    found = site.get("/api/show?job_id=none", Accept_Language=asked)
    assert found.status == 404
    assert found.json["error"]["message"] != site.get("/api/show?job_id=none").json["error"]["message"]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / page.PAGE).write_text('<!doctype html><html lang="en"><head></head><body></body></html>')
    monkeypatch.setattr(page, "STATIC", tmp_path)


def said(text: str, name: str) -> str | None:
    found = re.search(rf'<meta name="job-console-{name}" content="(.*?)" />', text)
    return unescape(found[1]) if found else None


@pytest.mark.usefixtures("built")
def test_the_page_says_its_language_and_where_its_words_are(site: Any) -> None:
    english = site.get("/lanes").body.decode()
    assert '<html lang="en">' in english
    assert json.loads(said(english, "languages") or "") == {"en": "English", "de": "Deutsch", "es": "español"}
    assert said(english, "words") is None
    answer = site.get("/lanes", Accept_Language="de")
    german, address = answer.body.decode(), said(answer.body.decode(), "words")
    assert '<html lang="de">' in german
    assert address
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    words = site.get(f"/{address}")
    assert words.headers["Content-Type"] == "application/json"
    assert "immutable" in words.headers["Cache-Control"]
    assert words.json["All benches"] == "Alle Benches"
    assert not [word for word in words.json if "{count:,}" in word], "of the engine's sentences it has none"
    for nowhere in ("/words/xx.json", "/words/../de.json", "/words/"):
        assert site.get(nowhere).status == 404


def test_a_dialect_has_what_it_lacks_from_its_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = "#: job_console/public/js/job_monitor/x.js:1\n"
    (tmp_path / "pt.po").write_text(f'{place}msgid "Retry"\nmsgstr "Repetir"\n\nmsgid "Lane"\nmsgstr "Faixa"\n')
    (tmp_path / "pt_BR.po").write_text(f'{place}msgid "Retry"\nmsgstr "Tentar"\n\nmsgid "Stop"\nmsgstr ""\n')
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    for cached in (languages.known, languages._read):
        cached.cache_clear()
    try:
        assert list(languages.known()) == ["en", "pt", "pt-BR"]
        assert languages.sentences("pt-BR") == {"Retry": "Tentar", "Lane": "Faixa"}
        assert json.loads(languages.words_of_page("pt-BR")[0]) == {"Retry": "Tentar"}
    finally:
        for cached in (languages.known, languages._read):
            cached.cache_clear()


def test_who_has_to_sign_in_is_asked_so(server: Any, redis: Any) -> None:
    with serving(server.url, token="a-token-of-some-length") as guarded:
        asked = guarded.get("/", Accept_Language="de", Authorization="")
        assert (asked.status, "Anmelden" in asked.body.decode()) == (401, True)
        assert '<html lang="de">' in asked.body.decode()

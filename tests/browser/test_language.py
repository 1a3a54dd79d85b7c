"""The operator console in the reader's language: as the browser prefers, or as was chosen on the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.site import Site

from ..engine.bench import enqueue

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def german(browser: Any, site: Site) -> Iterator[Any]:
    context = browser.new_context(locale="de-DE", base_url=f"http://127.0.0.1:{site.port}")
    yield context.new_page()
    context.close()


def test_it_is_the_browsers_and_what_was_chosen_stays(german: Any, redis: Any) -> None:
    enqueue(redis)
    german.goto("/lanes")
    expect(german.locator("html")).to_have_attribute("lang", "de")
    expect(german.get_by_role("region", name="Warteschlange short")).to_contain_text("keine Worker")
    german.get_by_label("Sprache").select_option("es")
    expect(german.get_by_label("Idioma")).to_have_value("es")
    german.goto("/workers")
    expect(german.locator("html")).to_have_attribute("lang", "es")
    expect(german.get_by_text("No se ejecuta ningún worker.")).to_be_visible()
    german.get_by_label("Idioma").select_option("en")
    expect(german.get_by_text("No worker is running.")).to_be_visible()

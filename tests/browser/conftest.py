"""The operator console's real page in Debian's Chromium, on a real server and real workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from job_console.console.embedded import Embedded
from job_console.console.page import STATIC
from tests.support.chromium import launch
from tests.support.site import Site, serving

sync_api = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not (STATIC / "index.html").is_file():
        pytest.skip("the page is not built: npm run build")
    with sync_api.sync_playwright() as playwright:
        sync_api.expect.set_options(timeout=60_000)
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def site(server: Embedded, redis: Any) -> Iterator[Site]:
    with serving(server.url) as running:
        yield running


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """A page at the console's root; a script error or a blocked resource on it fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=f"http://127.0.0.1:{site.port}")
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert complaints == []

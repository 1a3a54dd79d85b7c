"""Many benches in a browser: one is opened and acted on by name, another one is killed while the page is open."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from job_console.console.embedded import Embedded
from tests.browser.test_accessibility import AXE
from tests.engine.bench import SHORT, enqueue, status
from tests.support.fleets import benches, serving_fleet, written
from tests.support.site import Site

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser
SOON = 20_000


@pytest.fixture
def site(tmp_path: Path, server: Embedded, own_server: Embedded, redis: Any) -> Any:
    path = written(tmp_path, benches(acme=server.url, globex=own_server.url))
    with serving_fleet(path) as (running, _):
        yield running


def test_one_bench_is_acted_on_by_name_and_another_dies(
    page: Any, site: Site, redis: Any, own_server: Embedded, workers: Any, wait_until: Any
) -> None:
    job = enqueue(redis, "tests.jobs.hang", SHORT)
    workers.start(SHORT)
    wait_until(lambda: status(redis, job.id) == "started")
    page.goto("/")
    row = page.get_by_role("row", name=re.compile("globex"))
    expect(row).to_contain_text("no workers")
    os.kill(own_server.pid, signal.SIGKILL)
    expect(row).to_contain_text("Redis cannot be reached", timeout=SOON)
    expect(row).to_contain_text(re.compile(r"Broken for \d+ m?s"))
    expect(page.get_by_role("row", name=re.compile("acme"))).to_contain_text("1 of 1 worker busy")
    page.get_by_role("link", name="acme").click()
    expect(page.get_by_role("region", name="Lane short")).to_contain_text("tests.jobs.hang")
    assert page.url.endswith("/b/acme/")
    page.get_by_role("region", name="Lane short").get_by_role("button", name="Stop").first.click()
    question = page.locator("dialog[open]")
    expect(question).to_contain_text("On the bench acme")
    question.locator("button[type=submit]").click()
    wait_until(lambda: job.get_status(refresh=True) in ("stopped", "failed"))
    page.get_by_role("link", name="All benches").click()
    page.get_by_role("searchbox", name="Find a job by its id").fill(job.id)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not asked: globex.")).to_be_visible()
    page.get_by_role("link", name="tests.jobs.hang").click()
    expect(page.get_by_role("dialog", name="tests.jobs.hang", exact=True)).to_be_visible()
    assert "/b/acme/?job=" in page.url


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(browser: Any, site: Site, own_server: Embedded, theme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        base_url=f"http://127.0.0.1:{site.port}",
        color_scheme=theme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page = context.new_page()
    os.kill(own_server.pid, signal.SIGKILL)
    for view, shown in (("", "cannot be reached"), ("failures", "Not asked"), ("find?id=x", "No bench knows it")):
        page.goto(f"/{view}")
        expect(page.get_by_text(shown).first).to_be_visible(timeout=SOON)
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("() => axe.run()")["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width, view
    context.close()

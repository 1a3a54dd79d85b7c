"""Axe, the checker that assistive tools' makers use, finds nothing of any severity: in all views, in both themes, wide
and narrow, with what hurts on the page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from job_console.engine.locks import steps
from job_console.engine.output import record
from job_console.engine.output.ring import Content
from tests.engine.bench import DEFAULT, LONG, SHORT, enqueue, status
from tests.support.site import Site
from tests.support.waiting import wait_until

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = (
    "lanes",
    "jobs",
    "jobs?queue=" + SHORT,
    "failures",
    "schedule",
    "locks",
    "workers",
    "workers?drain=1",
    "audit",
    "history?last=1h",
)
SITE = "a.localhost"


@pytest.fixture
def troubled(redis: Redis, workers: Any, site: Site) -> str:
    """Work that runs, waits, failed and is held; a lock with somebody in line; something that was done. The job that
    failed."""
    failed = enqueue(redis, "tests.jobs.fail", SHORT)
    workers.start(SHORT, burst=True).wait(60)
    wait_until(lambda: status(redis, failed.id) == "failed")
    said = "".join(f"\x1e1.5\t{level}\tshop\nsaid\n" for level in ("", "DEBUG", "WARNING", "ERROR"))
    record.write(redis, failed.id, Content(time.time(), 50_000, said.encode()), record.ENDED)
    running = enqueue(redis, "tests.jobs.hang", LONG)
    workers.start(LONG, DEFAULT)
    wait_until(lambda: status(redis, running.id) == "started")
    waiting = [enqueue(redis, "tests.jobs.say_hello", SHORT, name="x" * 200) for _ in range(3)]
    for worker in ("w1", "w2"):
        info = {"job_id": running.id, "method": "shop.tasks.recalc", "user": "mia@example.com", "site": SITE}
        info |= {"host": "web-1", "pid": 7, "worker": worker}
        steps.acquire(redis, steps.Wanted(f"{SITE}|ledger", worker, 600, info=json.dumps(info)), 600)
    site.act("front", waiting[2].id)
    return failed.id


@pytest.fixture(params=[("light", 1920), ("dark", 390)], ids=["light and wide", "dark and narrow"])
def page(request: Any, browser: Any, site: Site) -> Iterator[Any]:
    theme, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        base_url=f"http://127.0.0.1:{site.port}",
        color_scheme=theme,
        reduced_motion="reduce",  # a colour that is on its way is no colour
        bypass_csp=True,  # axe is put into the page
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def complaints(page: Any) -> list[str]:
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run(document)")
    return [
        f"{each['impact']} {each['id']}: {node['html'][:200]} ({node['failureSummary'][:300]})"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


def test_nothing_keeps_anybody_out(page: Any, troubled: str) -> None:
    found = {}
    for view in VIEWS:
        page.goto(f"/{view}")
        expect(page.locator("main")).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        found[view] = complaints(page)
    page.goto("/failures")
    page.get_by_role("button", name="Show the 1 job").click()
    expect(page.get_by_role("main")).to_contain_text("One of them says")
    expect(page.get_by_role("table", name="Jobs")).to_be_visible()
    found["a group of failures"] = complaints(page)
    page.goto(f"/jobs?job={troubled}")
    drawer = page.locator(".jc-drawer[role=dialog]")
    expect(drawer).to_contain_text("on purpose")
    expect(drawer.get_by_role("group", name="What it printed and logged")).to_contain_text("ERROR")
    found["drawer"] = complaints(page)
    drawer.get_by_role("button", name="Delete").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()
    found["question"] = complaints(page)
    assert not any(found.values()), json.dumps(found, indent=1)

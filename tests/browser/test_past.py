"""The time machine on the operator console's page: what a killed worker did, seen from after its end."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from job_console.engine.service import Engine
from job_console.engine.watch.past_duty import keep_picture
from job_console.engine.watch.watch import Look
from tests.engine.bench import LONG, SHORT, enqueue, iso, status
from tests.support.site import Site
from tests.support.waiting import wait_until

from .test_accessibility import AXE

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser


@pytest.fixture
def then(redis: Redis, workers: Any, site: Site) -> str:
    """When a worker ran a job; it and its job were killed since, and nothing is left of them."""
    engine = Engine(redis)
    running = enqueue(redis, "tests.jobs.hang", LONG, name="running-then")
    enqueue(redis, queue=SHORT, name="waited-then")
    worker = workers.start(LONG)
    wait_until(lambda: status(redis, running.id) == "started")
    look = engine.watch.look()
    moments = [look.bench.at - timedelta(seconds=seconds) for seconds in (600, 590, 580, 300)]
    for at in moments:
        keep_picture(engine, Look(replace(look.bench, at=at), look.warnings))
    workers.kill(worker)
    for key in (f"rq:job:{running.id}", *redis.keys("rq:worker*"), *redis.keys(f"rq:wip:{LONG}")):
        redis.delete(key)
    return iso(moments[0])


def test_a_killed_worker_is_seen_at_work(page: Any, then: str) -> None:
    page.goto("/")
    expect(page.get_by_text("running-then")).to_have_count(0)
    page.get_by_role("button", name="Back in time").click()
    expect(page).to_have_url(re.compile(r"\?at=20"))
    page.goto(f"/?at={then}")
    bar = page.get_by_role("region", name="Back in time")
    expect(bar).to_contain_text("As it was on")
    lane = page.get_by_role("region", name="Lane long")
    expect(lane).to_contain_text("hang")
    for name in ("Stop", "Pause", "Move"):
        expect(page.locator("main").get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Workers").click()
    expect(page.get_by_role("list", name="Workers")).to_contain_text("hang")
    # By the keyboard: into the gap, out of it, and back to the present.
    page.get_by_role("slider", name="Moment").focus()
    for _press in range(14):
        before = page.url
        page.keyboard.press("ArrowRight")
        expect(page).not_to_have_url(before)
    expect(page.get_by_text("There is no picture of this moment.")).to_be_visible()
    page.get_by_role("button", name="The first one after it").click()
    expect(bar).to_contain_text("As it was on")
    page.get_by_role("button", name="Compare with now").click()
    expect(bar.get_by_role("table")).to_contain_text("Running")
    page.get_by_role("button", name="Back to now").click()
    expect(bar).to_have_count(0)
    expect(page.get_by_text("No worker is running.")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_and_it_fits(browser: Any, site: Site, then: str, theme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        base_url=f"http://127.0.0.1:{site.port}",
        color_scheme=theme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page = context.new_page()
    page.goto(f"/?at={then}")
    page.get_by_role("button", name="Compare with now").click()
    expect(page.locator(".jc-compare table")).to_be_visible()
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run(document)")
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()

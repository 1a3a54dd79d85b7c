"""The page follows what happens by itself, in whatever view, and without asking again and again."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from tests.engine.bench import SHORT, enqueue

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser

#: The page's clock stands still, but for what its events bring: no poll can have shown what is seen.
NO_TIMERS = "window.setTimeout = ((real) => (run, ms) => (ms > 1500 ? 0 : real(run, ms)))(window.setTimeout);" + (
    "window.setInterval = () => 0;"
)


@pytest.fixture
def live(page: Any) -> Any:
    page.add_init_script(NO_TIMERS)

    def open_at(path: str) -> Any:
        page.goto(path)
        expect(page.locator(".jc-dot-live")).to_be_visible()
        return page

    return open_at


def test_each_step_of_a_job_is_seen_in_the_list_of_jobs(live: Any, redis: Redis, workers: Any) -> None:
    page = live("/jobs")
    expect(page.get_by_text("No such jobs.")).to_be_visible()
    job = enqueue(redis, "tests.jobs.slow_until", name="one", kwargs={"key": "gate"})
    row = page.locator(f"[data-jc-row='{job.id}']")
    expect(row).to_contain_text("Waiting")
    workers.start(SHORT)
    expect(row).to_contain_text("Running")
    redis.set("gate", 1)
    expect(row).to_contain_text("Finished")


def test_a_failure_is_seen_where_failures_are(live: Any, redis: Redis, workers: Any) -> None:
    page = live("/failures")
    expect(page.get_by_text("Nothing has failed.")).to_be_visible()
    enqueue(redis, "tests.jobs.fail")
    workers.start(SHORT)
    expect(page.get_by_role("main")).to_contain_text("on purpose")


def test_a_worker_that_comes_and_a_lock_that_is_taken_are_seen(live: Any, redis: Redis, workers: Any) -> None:
    page = live("/workers")
    expect(page.get_by_text("No worker is running.")).to_be_visible()
    workers.start(SHORT, name="w1")
    expect(page.get_by_role("list", name="Workers").locator("> li")).to_have_count(1)
    page = live("/locks")
    with Lock(redis, "a.localhost|recalc:C-1", LockOptions(ttl_s=60)):
        expect(page.get_by_role("list", name="Locks", exact=True)).to_contain_text("recalc:C-1")
    expect(page.get_by_text("Nothing is locked.")).to_be_visible()


def test_an_open_job_is_seen_to_start(live: Any, redis: Redis, workers: Any) -> None:
    job = enqueue(redis, "tests.jobs.slow_until", name="one", kwargs={"key": "gate"})
    page = live(f"/audit?job={job.id}")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Waiting")
    workers.start(SHORT)
    expect(drawer).to_contain_text("Running")
    redis.set("gate", 1)
    expect(drawer).to_contain_text("Finished")


def test_nothing_that_is_laid_out_is_animated(page: Any, redis: Redis, workers: Any) -> None:
    """A width that is animated is laid out sixty times a second, in each of sixty rows."""
    enqueue(redis, "tests.jobs.slow_until", kwargs={"key": "gate"})
    workers.start(SHORT)
    page.goto("/")
    expect(page.locator(".jc-running .jc-meter-fill")).to_have_count(1)
    assert page.evaluate("() => document.getAnimations().length") == 0
    moved = """() => [...document.querySelectorAll("*")].filter((element) => {
        const { transitionProperty, transitionDuration } = getComputedStyle(element);
        const isCheap = (name) => ["opacity", "transform", "none"].includes(name);
        return parseFloat(transitionDuration) > 0 && !transitionProperty.split(", ").every(isCheap);
    }).map((element) => element.className)"""
    assert [name for name in page.evaluate(moved) if "jc-" in str(name)] == []
    redis.set("gate", 1)


def test_the_drawer_and_other_views_are_loaded_when_they_are_opened(page: Any, redis: Redis) -> None:
    enqueue(redis)
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))

    def scripts(*names: str) -> set[str]:
        return {name for name in names if any(each.startswith(f"{name}-") and each.endswith(".js") for each in loaded)}

    page.goto("/")
    link = page.get_by_role("region", name="Lane short").get_by_role("link", name="say_hello")
    expect(link).to_be_visible()
    assert scripts("JobsView", "LocksView", "JobDrawer") == set()
    link.click()
    expect(page.get_by_role("dialog")).to_contain_text("Waiting")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Locks").click()
    expect(page.get_by_text("Nothing is locked.")).to_be_visible()
    assert scripts("JobsView", "LocksView", "JobDrawer") == {"LocksView", "JobDrawer"}


def test_a_part_that_cannot_be_loaded_says_so(browser: Any, site: Any) -> None:
    """There is no connection, or the server has a newer page by now. Chromium complains in its console, too."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{site.port}")
    page = context.new_page()
    page.route("**/LocksView-*.js", lambda route: route.abort())
    page.goto("/")
    page.get_by_role("link", name="Locks").click()
    expect(page.get_by_text("This part of the page could not be loaded.")).to_be_visible()
    context.close()

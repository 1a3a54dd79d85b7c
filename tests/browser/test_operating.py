"""What a person pauses, quiets, suspends and drains on the operator console's page."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from job_console.engine.redis import keys
from tests.engine.bench import DEFAULT, SHORT, enqueue
from tests.support.waiting import wait_until

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser

UNTIL = "test:go"


@pytest.fixture
def worker(workers: Any, redis: Redis) -> Any:
    started = workers.start(SHORT, DEFAULT, extra=("--obey",), name="w1")
    wait_until(lambda: redis.zscore(keys.OBEDIENT, "w1"))
    return started


def lane(page: Any, label: str = "short") -> Any:
    return page.get_by_role("region", name=f"Lane {label}")


def answer(page: Any, until: str = "", reason: str = "") -> None:
    question = page.locator("dialog[open]")
    if until:
        question.get_by_label("Until when?").select_option(label=until)
    if reason:
        question.get_by_role("textbox").fill(reason)
    question.locator("button[type=submit]").click()


def test_a_lane_is_paused_and_resumed(page: Any, redis: Redis, worker: Any) -> None:
    redis.sadd(keys.QUEUES, keys.queue(SHORT), keys.queue(DEFAULT))
    page.goto("/lanes")
    lane(page).get_by_role("button", name="Pause: short").click()
    answer(page, "For 4 h", "the bank is down")
    expect(lane(page)).to_contain_text(": the bank is down")
    job, other = enqueue(redis), enqueue(redis, queue=DEFAULT)
    wait_until(lambda: other.get_status(refresh=True) == "finished", message="its other lane is served")
    expect(lane(page)).to_contain_text("1 waiting")
    expect(page.get_by_role("heading", level=2)).to_contain_text("1 thing needs you")
    warning = page.get_by_role("region", name="What needs you")
    expect(warning).to_contain_text("short is paused by tester@here for")
    lane(page).get_by_role("link", name="say_hello").first.click()
    expect(page.locator(".jc-drawer[role=dialog]")).to_contain_text("short is paused by tester@here")
    page.keyboard.press("Escape")
    lane(page).get_by_role("button", name="Resume: short").click()
    answer(page)
    wait_until(lambda: job.get_status(refresh=True) == "finished", message="it runs")
    expect(lane(page).get_by_role("button", name="Pause: short")).to_be_visible()
    page.goto("/audit")
    expect(page.get_by_role("main")).to_contain_text("“the bank is down”")


def test_a_warning_says_what_it_means_and_what_to_do(page: Any, redis: Redis) -> None:
    redis.hset(enqueue(redis).key, "enqueued_at", "2026-01-01T00:00:00.000000Z")
    redis.sadd(keys.QUEUES, keys.queue(DEFAULT))
    page.goto("/lanes")
    warning = page.get_by_role("region", name="What needs you").get_by_role("listitem").first
    expect(warning).to_contain_text("No worker serves short", timeout=60_000)
    warning.get_by_role("button", name="Why?").click()
    expect(warning.get_by_role("heading", name="What to do")).to_be_visible()
    expect(warning).to_contain_text("bench worker --queue short")
    warning.get_by_role("button", name="Move them to another lane").click()
    page.locator("dialog[open]").get_by_label("To which lane?").select_option(label="default")
    answer(page, reason="no worker")
    wait_until(lambda: redis.llen(keys.queue(DEFAULT)) == 1, message="it moved")


def test_a_worker_is_quieted_and_the_bench_drained(page: Any, redis: Redis, worker: Any) -> None:
    job = enqueue(redis, "tests.jobs.slow_until", kwargs={"key": UNTIL})
    wait_until(lambda: job.get_status(refresh=True) == "started")
    page.goto("/workers")
    row = page.get_by_role("list", name="Workers").get_by_role("listitem")
    row.get_by_role("button", name="Quiet").click()
    answer(page, "For 15 min", "swapping")
    expect(row).to_contain_text("by tester@here: swapping")
    row.get_by_role("button", name="Take work").click()
    answer(page)
    expect(row.get_by_role("button", name="Quiet")).to_be_visible()
    page.get_by_role("link", name="Drain before a deploy").click()
    page.wait_for_url("**/workers?drain=1")
    report = page.get_by_role("region", name="Drain before a deploy")
    expect(report).to_contain_text("a drain has not begun")
    report.get_by_role("button", name="Suspend all workers").click()
    answer(page, "For 15 min", "the 14.2 deploy")
    expect(report).to_contain_text("Not safe yet: 1 job still runs.")
    expect(report.get_by_role("listitem")).to_contain_text("slow_until")
    redis.set(UNTIL, 1)
    expect(report).to_contain_text("Safe to deploy", timeout=60_000)
    page.get_by_role("button", name="Resume workers").click()
    answer(page)
    expect(page.get_by_text("Workers take work.")).to_be_visible()


def test_a_worker_stops_after_its_job(page: Any, redis: Redis, worker: Any) -> None:
    job = enqueue(redis, "tests.jobs.slow_until", kwargs={"key": UNTIL})
    wait_until(lambda: job.get_status(refresh=True) == "started")
    page.goto("/workers")
    row = page.get_by_role("list", name="Workers").get_by_role("listitem")
    row.get_by_role("button", name="Stop after its job").click()
    answer(page, reason="leaks")
    expect(row).to_contain_text("told to stop")
    redis.set(UNTIL, 1)
    worker.wait(60)
    assert job.get_status(refresh=True) == "finished"


def test_it_fits_a_phone(page: Any, redis: Redis, worker: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/lanes", "/workers?drain=1"):
        page.goto(path)
        expect(page.get_by_role("main")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_it_fits_beside_the_sidebar_of_a_desk(page: Any, worker: Any) -> None:
    """A window of 1280 pixels of which the page has half: its rows go by what it has."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/workers")
    name = page.locator(".jc-worker-name").first
    expect(name).to_be_visible()
    page.evaluate("document.querySelector('.jc-root').style.maxWidth = '587px'")
    assert name.bounding_box()["width"] > 200
    stop = page.get_by_role("button", name="Stop after its job").bounding_box()
    assert stop["x"] + stop["width"] < 587

"""Somebody who looks at another page of the desk hears that the queues are in trouble, although no worker is alive."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from ..support.waiting import wait_until
from .conftest import Desk, open_as

CLERK = "job-console-clerk@example.com"


def make_a_ghost(desk: Desk) -> str:
    """As a worker leaves it that dies between taking a job and starting it, an hour ago."""
    job_id = desk.execute("enqueue_here", method="add", one=1, other=2)
    for key in desk.redis.scan_iter("rq:queue:*"):
        if desk.redis.type(key) == b"list":
            desk.redis.lrem(key, 0, job_id)
    desk.redis.hset(f"rq:job:{job_id}", "enqueued_at", "2026-01-01T00:00:00.000000Z")
    return job_id


def test_a_number_in_the_navbar_a_message_and_the_incident(page: Page, desk: Desk) -> None:
    make_a_ghost(desk)
    page.goto(f"{desk.url}/app/user")
    page.wait_for_function("window.job_console?.pulse")
    number = page.locator(".job-console-pulse a")
    wait_until(lambda: ask_now(page) and "is a ghost" in page.content(), 30, "the message comes")
    expect(number).to_be_visible()
    number.click()
    page.get_by_role("navigation", name="Views").get_by_text("Incidents").click()
    row = page.locator("main li", has_text="is a ghost").first
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("looks after it")
    # Back to its beginning, of which the sweep that opened it, or the one before, has a picture.
    row.get_by_role("link", name="See how it began").click()
    expect(page.get_by_role("region", name="Back in time")).to_contain_text("As it was on")
    expect(page.get_by_role("region", name="Lane short")).to_be_visible()
    expect(page.locator("main").get_by_role("button", name="Pause")).to_have_count(0)


def ask_now(page: Page) -> bool:
    """What the tab does once a minute."""
    page.evaluate("window.job_console.pulse.ask()")
    return True


def test_others_neither_see_it_nor_may_ask(browser: Browser, desk: Desk) -> None:
    page = open_as(browser, desk, CLERK)
    assert page.request.post(f"{desk.url}/api/method/job_console.api.pulse").status == 403
    page.goto(f"{desk.url}/app")
    expect(page.locator(".job-console-pulse")).to_have_count(0)
    page.context.close()

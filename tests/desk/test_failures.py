"""The Failures view in a real desk: real Frappe jobs that fail, and a group of them that is retried one first."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from ..support.waiting import wait_until
from .conftest import Desk

SOON = 30_000


def test_a_group_is_retried_one_first(page: Page, desk: Desk) -> None:
    jobs = [desk.execute("enqueue_here", method="fail") for _number in range(3)]
    desk.start_worker("short")
    for job_id in jobs:
        wait_until(lambda job_id=job_id: desk.redis.hget(f"rq:job:{job_id}", "status") == b"failed")
    desk.end_workers()
    page.goto(f"{desk.url}/app/job-monitor/failures?method=testing.fail")
    group = page.get_by_role("region", name="ValueError job_console.bridge.tests.testing.fail")
    expect(group).to_contain_text("this one fails, on purpose", timeout=4 * SOON)  # the page is loaded first
    expect(group).to_contain_text("3 ×")
    group.get_by_role("button", name="Retry…").click()
    dialog = page.locator(".modal.show")
    dialog.locator("select[data-fieldname=how]").select_option("canary")
    dialog.locator("textarea, input[data-fieldname=reason]").last.fill("it is mended")
    dialog.get_by_role("button", name="Retry", exact=True).click()
    expect(group).to_contain_text("One of 3 is tried first.", timeout=SOON)
    assert sorted(desk.redis.hget(f"rq:job:{job_id}", "status") for job_id in jobs) == [b"failed", b"failed", b"queued"]
    group.get_by_role("button", name="End the retry").click()
    page.locator(".modal.show").get_by_role("button", name="End the retry").click()
    expect(group).to_contain_text("Ended by somebody. 0 ended well, 2 stay failed.", timeout=SOON)

"""A lane is paused in a real desk, and Frappe's own worker leaves it alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from job_console.engine.redis import keys

from ..support.waiting import wait_until
from .conftest import Desk
from .test_job_monitor import SOON, lane, monitor


def test_bench_worker_leaves_a_paused_lane_alone(page: Page, desk: Desk) -> None:
    def status(job_id: str) -> bytes | None:
        return desk.redis.hget(keys.job(job_id), "status")

    first = desk.execute("enqueue_here", method="nothing")
    desk.start_worker("short,default")
    wait_until(lambda: status(first) == b"finished", message="it works")
    monitor(page, desk)
    lane(page, "short").get_by_role("button", name="Pause: short").click(timeout=SOON)
    dialog = page.locator(".modal.show")
    dialog.locator("select").select_option(label="For 60 min")
    dialog.locator("input[data-fieldname=reason]").fill("the bank is down")
    dialog.get_by_role("button", name="Pause").click()
    expect(lane(page, "short")).to_contain_text("by job-console-manager@example.com: the bank is down", timeout=SOON)

    waits = desk.execute("enqueue_here", method="nothing")
    expect(lane(page, "short")).to_contain_text("1 waiting", timeout=SOON)
    assert status(waits) == b"queued"
    expect(page.get_by_role("region", name="What needs you")).to_contain_text("short is paused by", timeout=SOON)

    lane(page, "short").get_by_role("button", name="Resume: short").click()
    dialog.get_by_role("button", name="Resume").click()
    wait_until(lambda: status(waits) == b"finished", message="it runs")

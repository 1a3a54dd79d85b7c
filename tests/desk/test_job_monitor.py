"""Job Monitor in a real desk: Frappe enqueues, real workers run and are killed, a System Manager looks and clicks."""

from __future__ import annotations

import os
import re
import signal

from playwright.sync_api import Browser, Page, Response, expect

from ..support.waiting import wait_until
from .conftest import Desk, open_as

CLERK = "job-console-clerk@example.com"
#: The page looks by itself within ten seconds when no event comes.
SOON = 30_000


def monitor(page: Page, desk: Desk, path: str = "") -> Page:
    page.goto(f"{desk.url}/app/job-monitor{path}")
    return page


def lane(page: Page, label: str):
    return page.get_by_role("region", name=f"Lane {label}")


def test_a_job_that_frappe_enqueues_appears_runs_and_ends_without_a_reload(page: Page, desk: Desk) -> None:
    monitor(page, desk)
    desk.execute("enqueue_here", method="sleep", seconds=12)
    expect(lane(page, "short")).to_contain_text("job_console.bridge.tests.testing.sleep", timeout=SOON)
    desk.start_worker("short")
    expect(lane(page, "short").get_by_role("progressbar")).to_be_visible(timeout=SOON)
    expect(lane(page, "short").get_by_role("progressbar")).to_have_count(0, timeout=SOON)


def test_a_bar_moves_and_a_paused_job_goes_on_where_it_was(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="step", count=3000)
    desk.start_worker("short")
    monitor(page, desk)
    bar = lane(page, "short").get_by_role("progressbar", name="Progress")
    expect(bar).to_be_visible(timeout=2 * SOON)  # the worker starts first
    first = int(bar.get_attribute("aria-valuenow") or 0)
    wait_until(lambda: int(bar.get_attribute("aria-valuenow") or 0) > first, message="the bar moves")
    lane(page, "short").get_by_role("button", name="Pause", exact=True).click()
    expect(lane(page, "short")).to_contain_text("paused by job-console-manager@example.com", timeout=SOON)
    assert desk.redis.hget(f"rq:job:{job_id}", "status") == b"scheduled"
    stood = int(bar.get_attribute("aria-valuenow") or 0)
    lane(page, "short").get_by_role("button", name="Resume", exact=True).click()
    expect(lane(page, "short").get_by_role("button", name="Pause", exact=True)).to_be_visible(timeout=SOON)
    assert int(bar.get_attribute("aria-valuenow") or 0) >= stood
    page.get_by_role("link", name="job_console.bridge.tests.testing.step").first.click()
    drawer = page.locator(".jc-drawer[role=dialog]")
    expect(drawer).to_contain_text("It is running and progressing", timeout=SOON)
    drawer.get_by_role("link", name="committed").click()
    expect(page).to_have_url(re.compile("job-checkpoint", re.IGNORECASE), timeout=SOON)


def test_a_failure_is_shown_and_retried_in_one_click(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="fail")
    desk.start_worker("short")
    monitor(page, desk, f"?job={job_id}")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("this one fails, on purpose", timeout=SOON)
    drawer.get_by_role("button", name="Retry").first.click()
    wait_until(lambda: desk.redis.xlen(f"rq:results:{job_id}") == 2, message="it ran a second time")


def test_a_failure_is_mended_by_another_argument(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="add", one="five", other=2)
    desk.start_worker("short")
    monitor(page, desk, f"?job={job_id}")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("TypeError", timeout=SOON)
    drawer.get_by_role("button", name="Edit and retry").click()
    drawer.get_by_label("one", exact=True).fill("five")
    expect(drawer.get_by_role("button", name="Retry as a new job")).to_be_disabled()
    drawer.get_by_label("one", exact=True).fill("5")
    expect(drawer.get_by_role("list", name="What changes")).to_contain_text('one: "five" → 5')
    drawer.get_by_role("button", name="Retry as a new job").click()
    made = drawer.get_by_role("status").filter(has_text="Enqueued as a new job")
    expect(made).to_be_visible(timeout=SOON)
    new_id = made.get_by_role("link").inner_text()
    wait_until(lambda: desk.redis.hget(f"rq:job:{new_id}", "status") == b"finished", message="the new one ends well")
    assert desk.redis.hget(f"rq:job:{job_id}", "status") == b"failed"
    monitor(page, desk, "/audit")
    expect(page.get_by_text("Changed one: 'five' → 5").first).to_be_visible(timeout=SOON)


def test_where_a_running_job_is(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="sleep", seconds=120)
    desk.start_worker("short")
    wait_until(lambda: desk.redis.hget(f"rq:job:{job_id}", "status") == b"started", message="it runs")
    monitor(page, desk, f"?job={job_id}")
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("button", name="Look at its process").click()
    expect(drawer.locator(".jc-where-verdict")).to_contain_text("sleep", timeout=SOON)
    expect(drawer.locator(".jc-where")).to_contain_text("bridge/tests/testing.py")


def test_a_waiting_job_is_canceled_and_does_not_run(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="add", one=1, other=2)
    monitor(page, desk, f"?job={job_id}")
    drawer = page.locator(".jc-drawer[role=dialog]")
    drawer.get_by_role("button", name="Cancel", exact=True).first.click()
    expect(drawer).to_contain_text(re.compile("canceled", re.IGNORECASE), timeout=SOON)
    assert desk.redis.hget(f"rq:job:{job_id}", "status") == b"canceled"


def test_a_cancel_is_undone_in_one_click(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="add", one=1, other=2)
    monitor(page, desk, f"?job={job_id}")
    drawer = page.locator(".jc-drawer[role=dialog]")
    drawer.get_by_role("button", name="Cancel", exact=True).first.click()
    page.get_by_role("button", name="Undo").click()
    expect(drawer.get_by_text("Waiting", exact=True)).to_be_visible(timeout=SOON)
    assert desk.redis.hget(f"rq:job:{job_id}", "status") == b"queued"


def test_a_killed_worker_becomes_a_warning_with_its_remedy(page: Page, desk: Desk) -> None:
    """SIGKILL, then its lease is written into the past: otherwise the proof takes RQ's 90 s."""
    monitor(page, desk)
    worker = desk.start_worker("short")
    job_id = desk.execute("enqueue_here", method="sleep", seconds=60)
    expect(lane(page, "short").get_by_role("progressbar")).to_be_visible(timeout=SOON)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    desk.redis.delete(*desk.redis.keys("rq:worker:*"))
    for key in desk.redis.keys("rq:wip:*:short"):
        for member in desk.redis.zrange(key, 0, -1):
            desk.redis.zadd(key, {member: 1})
    warning = page.get_by_role("listitem").filter(has_text="lost its worker")
    expect(warning).to_be_visible(timeout=30_000)
    # Its timeout has not passed, so its process may still run: the remedy asks first, and nothing is done by itself.
    expect(warning.get_by_role("button", name="Mark as failed")).to_be_visible()
    assert desk.redis.hget(f"rq:job:{job_id}", "status") == b"started"


def test_another_sites_job_is_a_count(page: Page, desk: Desk) -> None:
    theirs = desk.execute("enqueue_on_another_site")
    heard: list[Response] = []
    page.on("response", lambda answer: heard.append(answer) if "job_console.api" in answer.url else None)
    monitor(page, desk)
    expect(lane(page, "short")).to_contain_text("from other sites", timeout=SOON)
    assert heard
    assert all(theirs not in answer.text() and "their.secret" not in answer.text() for answer in heard)


def test_somebody_without_the_role_gets_no_page_and_no_data(browser: Browser, desk: Desk) -> None:
    page = open_as(browser, desk, CLERK)
    assert page.request.get(f"{desk.url}/api/method/job_console.api.snapshot").status == 403
    monitor(page, desk)
    expect(page.get_by_text("Not permitted").or_(page.get_by_text("No permission")).first).to_be_visible()
    page.context.close()


def test_an_action_needs_post_and_the_sessions_token(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="add", one=1, other=2)
    # Frappe gives a session its token with its first page.
    monitor(page, desk)
    address = f"{desk.url}/api/method/job_console.api.act"
    arguments = {"action": "cancel", "job_ids": f'["{job_id}"]'}
    assert page.request.get(address, params=arguments).status in (403, 405, 417)
    assert page.request.post(address, form=arguments).status == 400
    assert desk.redis.hget(f"rq:job:{job_id}", "status") == b"queued"


def test_a_link_shows_what_its_sender_saw(page: Page, desk: Desk) -> None:
    desk.execute("enqueue_here", method="add", one=1, other=2)
    monitor(page, desk, "/jobs?method=testing.add")
    expect(page.get_by_text("job_console.bridge.tests.testing.add").first).to_be_visible(timeout=SOON)
    monitor(page, desk, "/jobs?method=no.such.method")
    expect(page.get_by_text("job_console.bridge.tests.testing.add")).to_have_count(0)


def test_the_page_when_left_ends_its_requests(page: Page, desk: Desk) -> None:
    monitor(page, desk)
    expect(lane(page, "short").or_(page.get_by_text("Lanes")).first).to_be_visible()
    page.evaluate("frappe.set_route('List', 'User')")
    page.wait_for_function("window.cur_list?.doctype === 'User' && frappe.get_route()[0] === 'List'")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "job_console.api" in request.url else None)
    # Longer than the longest pause between two looks.
    page.wait_for_timeout(12_000)
    assert asked == []

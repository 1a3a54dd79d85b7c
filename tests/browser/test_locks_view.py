"""What a person sees and settles in the Locks view of the operator console."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from rq import Queue

from job_console.engine.locks import steps

from .. import jobs as work
from ..support.locks import give_back, has_waited, held, let_end, tokens

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser

SITE = "a.localhost"
#: The view looks again after four seconds at the latest; a busy machine takes longer.
SOON = 15_000


def ask(redis: Any, key: str, job: str, worker: str = "w1", ttl: float = 600) -> None:
    info = {"job_id": f"{SITE}||{job}", "method": f"shop.tasks.{job}", "user": "mia@example.com"}
    info |= {"site": SITE, "host": "web-1", "pid": 7, "worker": worker}
    steps.acquire(redis, steps.Wanted(f"{SITE}|{key}", f"{job}-{key}", ttl, info=json.dumps(info)), 600)


@pytest.fixture
def deadlock(redis: Any) -> None:
    """Two that wait for each other, and one that waits for both."""
    ask(redis, "ledger", "post_invoices")
    ask(redis, "stock", "recount")
    ask(redis, "stock", "post_invoices")
    ask(redis, "ledger", "recount")
    ask(redis, "ledger", "close_month")


def row(page: Any, key: str) -> Any:
    return page.get_by_role("list", name="Locks", exact=True).locator("> li").filter(has_text=key)


def test_who_has_a_lock_and_who_waits(page: Any, redis: Any) -> None:
    ask(redis, "recalc:C-1", "recalc", ttl=115)  # told in seconds
    page.goto("/locks")
    lock = row(page, "recalc:C-1")
    expect(lock).to_contain_text("mia@example.com")
    expect(lock).to_contain_text("lease")
    before = lock.locator(".jc-lease").inner_text()
    expect(lock.locator(".jc-lease")).not_to_have_text(before, timeout=SOON)
    job = Queue("bench:short", connection=redis).enqueue_call(
        work.WRAPPER, kwargs=work.wrapped("shop.tasks.report"), job_id=f"{SITE}||report"
    )
    ask(redis, "recalc:C-1", "report")
    expect(lock).to_contain_text("1 waits", timeout=SOON)
    lock.get_by_role("button", name="Details").click()
    expect(lock.get_by_role("region", name="In line")).to_contain_text("report")
    lock.get_by_role("link", name="report").click()
    page.wait_for_url("**/locks?job=*report")
    expect(page.get_by_role("dialog")).to_contain_text(job.id)


def test_a_release_says_what_it_does_and_goes_to_the_next(page: Any, redis: Any) -> None:
    ask(redis, "recalc:C-1", "recalc")
    ask(redis, "recalc:C-1", "report")
    page.goto("/locks")
    row(page, "recalc:C-1").get_by_role("button", name="Release").click()
    question = page.locator("dialog[open]")
    expect(question).to_contain_text("recalc loses it")
    expect(question).to_contain_text("report is next in line")
    question.get_by_role("textbox").fill("it hangs")
    question.locator("button[type=submit]").click()
    expect(page.get_by_text("recalc:C-1 is released; report has it now.").first).to_be_visible()
    expect(row(page, "recalc:C-1").locator(".jc-lock-holder")).to_contain_text("report", timeout=SOON)
    page.get_by_role("link", name="Audit").click()
    expect(page.get_by_role("list", name="Actions")).to_contain_text("it hangs")
    expect(page.get_by_role("list", name="Actions")).to_contain_text(f"{SITE}|recalc:C-1")


def test_extending_gives_time(page: Any, redis: Any) -> None:
    ask(redis, "recalc:C-1", "recalc")
    page.goto("/locks")
    row(page, "recalc:C-1").get_by_role("button", name="Extend").click()
    question = page.locator("dialog[open]")
    question.get_by_role("combobox").select_option("900")
    question.get_by_role("textbox").fill("slow today")
    question.locator("button[type=submit]").click()
    expect(row(page, "recalc:C-1").locator(".jc-lease")).to_contain_text(re.compile("2[45] min"), timeout=SOON)


def test_a_deadlock_is_drawn_reported_and_broken(page: Any, redis: Any, deadlock: None) -> None:
    page.goto("/locks")
    circle = page.get_by_role("list", name="Deadlocks")
    expect(circle).to_contain_text("recount waits for post_invoices, who has ledger.")
    expect(page.locator(".jc-edge-dead")).to_have_count(2)
    expect(page.locator(".jc-node-name")).to_have_count(3)
    circle.get_by_role("button", name="Release stock").click()
    question = page.locator("dialog[open]")
    question.get_by_role("textbox").fill("a deadlock")
    question.locator("button[type=submit]").click()
    expect(circle).to_have_count(0, timeout=SOON)
    assert len(tokens(redis, f"{SITE}|stock")) == 1


def test_an_orphaned_lock_is_freed_from_its_warning(page: Any, redis: Any) -> None:
    ask(redis, "recalc:C-1", "recalc", worker="dead")
    ask(redis, "recalc:C-1", "report")
    # Nobody is there who says that it still waits; who is not heard of for some seconds is passed over.
    has_waited(redis, f"{SITE}|recalc:C-1", "report-recalc:C-1", heard=-600)
    let_end(redis, f"{SITE}|recalc:C-1", "recalc-recalc:C-1", left=200)  # a third: nobody has renewed it for long
    page.goto("/")
    warning = page.get_by_role("listitem").filter(has_text="its worker is gone")
    expect(warning).to_be_visible(timeout=60_000)
    warning.get_by_role("button", name="Release the lock").click()
    expect(page.get_by_text("report has it now").first).to_be_visible(timeout=SOON)
    assert list(held(redis, f"{SITE}|recalc:C-1")) == ["report-recalc:C-1"]


def test_idle_locks_are_shown_when_asked_for(page: Any, redis: Any) -> None:
    ask(redis, "recalc:C-1", "recalc")
    give_back(redis, f"{SITE}|recalc:C-1", "recalc-recalc:C-1")
    page.goto("/locks")
    expect(page.get_by_text("Nothing is locked.")).to_be_visible()
    page.get_by_label("Those that were used lately, too").check()
    expect(row(page, "recalc:C-1")).to_contain_text("Free")
    page.wait_for_url("**/locks?idle=1")
    page.reload()
    expect(row(page, "recalc:C-1")).to_contain_text("Free")


def test_it_works_with_the_keyboard_and_fits_a_phone(page: Any, redis: Any, deadlock: None) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/locks")
    details = row(page, "stock").get_by_role("button", name="Details")
    details.focus()
    page.keyboard.press("Enter")
    expect(row(page, "stock").get_by_role("region", name="In line")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

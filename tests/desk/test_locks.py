"""Locks in a real desk: seen with holder and line, and settled with a reason, on the page and in the Registry."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from job_console.engine.locks import steps
from job_console.engine.redis import keys

from ..support.locks import has_waited, held
from ..support.waiting import wait_until
from .conftest import Desk
from .test_job_monitor import SOON, monitor


@pytest.fixture
def lock(desk: Desk) -> Iterator[str]:
    """The key of a lock that `recalc` has, and that `report` waits for."""
    key = f"{desk.site}|recalc:C-1"
    for job in ("recalc", "report"):
        info = {"job_id": f"{desk.site}||{job}", "method": f"shop.tasks.{job}", "user": "mia@example.com"}
        info |= {"site": desk.site, "host": "web-1", "pid": 7}
        steps.acquire(desk.redis, steps.Wanted(key, job, ttl_s=300, info=json.dumps(info)), 600)
    # Nobody asks again for who waits, and a desk may take longer to load than such a one is taken for alive.
    has_waited(desk.redis, key, "report", heard=-300)
    yield key
    desk.redis.delete(keys.lock(key))
    desk.redis.zrem(keys.LOCKS, key)


def give_a_reason(page: Page) -> None:
    question = page.locator(".modal.show")
    question.locator("[data-fieldname=reason]").locator("input:visible, textarea:visible").fill("it hangs")
    question.get_by_role("button", name="Release").click()


def test_a_lock_is_taken_from_its_holder_and_goes_to_the_next(page: Page, desk: Desk, lock: str) -> None:
    monitor(page, desk, "/locks")
    row = page.get_by_role("list", name="Locks", exact=True).get_by_role("listitem").filter(has_text="recalc:C-1")
    expect(row).to_contain_text("1 waits", timeout=SOON)
    row.get_by_role("button", name="Release").click()
    give_a_reason(page)
    expect(page.get_by_text("recalc:C-1 is released; report has it now.").first).to_be_visible(timeout=SOON)
    assert list(held(desk.redis, lock)) == ["report"]


def test_the_lock_registry_lists_it_and_its_form_releases_it(page: Page, desk: Desk, lock: str) -> None:
    page.goto(f"{desk.url}/app/lock-registry")
    page.get_by_role("link", name="recalc:C-1").first.click()
    expect(page.locator("[data-fieldname=people_html]")).to_contain_text("shop.tasks.report", timeout=SOON)
    page.get_by_role("button", name="Release lock", exact=True).first.click()
    give_a_reason(page)
    wait_until(lambda: list(held(desk.redis, lock)) == ["report"], message="the next has it")

"""Somebody who has no right but to wait: a form with a job, a form without, and My Jobs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from .conftest import Desk, open_as

WAITER = "job-console-waiter@example.com"


@pytest.fixture
def waiter(browser: Browser, desk: Desk) -> Iterator[Page]:
    page = open_as(browser, desk, WAITER)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.context.close()
    assert errors == []


@pytest.fixture
def todo(desk: Desk) -> Iterator[str]:
    name = desk.execute("waiters_document")
    yield name
    desk.execute("forget_document", name=name)


def asked(page: Page) -> list[str]:
    """What the page asks of our API from now on."""
    found: list[str] = []

    def heard(request: Request) -> None:
        if "job_console.api." in request.url:
            found.append(request.url)

    page.on("request", heard)
    return found


def open_form(page: Page, desk: Desk, todo: str) -> None:
    page.goto(f"{desk.url}/app/todo/{todo}")
    page.wait_for_function("name => window.cur_frm?.docname === name && frappe.realtime.socket?.connected", arg=todo)
    page.wait_for_function("window.job_console?.own_jobs")
    # The socket process asks the site whether the document may be read, and then lets the page into its room.
    page.wait_for_load_state("networkidle")


def test_a_form_without_a_job_asks_nothing_and_one_is_told_of_as_soon_as_it_is_made(
    waiter: Page, desk: Desk, todo: str
) -> None:
    requests = asked(waiter)
    open_form(waiter, desk, todo)
    expect(waiter.locator(".job-console-strip")).to_have_count(0)
    assert requests == []
    desk.execute("enqueue_for_waiter", method="step", count=80, doctype="ToDo", name=todo)
    strip = waiter.get_by_role("status", name="In the background")
    expect(strip).to_contain_text("Work in the background: 1st in line")
    desk.start_worker("short")
    expect(strip).to_contain_text("running, ")
    expect(strip.get_by_role("progressbar")).to_be_visible()
    expect(strip).to_contain_text("Work in the background: done")
    strip.get_by_role("button", name="Close").click()
    expect(strip).to_have_count(0)


def test_a_failure_is_told_by_the_form_itself_and_a_job_is_canceled_in_my_jobs(
    waiter: Page, desk: Desk, todo: str
) -> None:
    failed = desk.execute("enqueue_for_waiter", method="fail", doctype="ToDo", name=todo)
    desk.start_worker("short")
    open_form(waiter, desk, todo)
    strip = waiter.get_by_role("status", name="In the background")
    expect(strip).to_contain_text("It did not work. Your administrator can see why.")
    expect(strip).to_contain_text(failed)
    expect(strip).not_to_contain_text("ValueError")
    desk.end_workers()
    desk.execute("enqueue_for_waiter", method="add", one=1, other=2)
    strip.get_by_role("link", name="My Jobs").click()
    jobs = waiter.get_by_role("region", name="My Jobs").get_by_role("listitem")
    expect(jobs).to_have_count(2)
    expect(jobs.first).to_contain_text("1st in line")
    jobs.first.get_by_role("button", name="Cancel").click()
    waiter.locator(".modal.show").get_by_role("button", name="Yes").click()
    expect(jobs.first).to_contain_text("canceled")
    expect(waiter.locator(".job-console-my-jobs")).to_have_count(1)

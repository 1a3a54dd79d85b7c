"""Job Policy in a real desk: made from what was observed, tried before it is saved, and taken back to the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from playwright.sync_api import Page, expect

from job_console.engine.history import hourly
from job_console.engine.redis import keys

from ..support.waiting import wait_until
from .conftest import Desk
from .test_job_monitor import SOON, monitor

TESTING = "job_console.bridge.tests.policies_testing"
ADD = "job_console.bridge.tests.testing.add"


@pytest.fixture(autouse=True)
def _forget(desk: Desk) -> Iterator[None]:
    desk.execute(f"{TESTING}.forget_declared")
    yield
    desk.execute(f"{TESTING}.forget_declared")


def field(page: Page, name: str):
    return page.locator(f".frappe-control[data-fieldname={name}] input:visible").first


def save(page: Page) -> None:
    page.keyboard.press("Control+s")


def test_a_policy_is_made_from_what_was_observed(page: Page, desk: Desk) -> None:
    worker = desk.start_worker("short")
    jobs = [desk.execute("enqueue_here", method="add", one=1, other=2) for _ in range(2)]
    monitor(page, desk, f"?job={jobs[-1]}")
    drawer = page.locator(".jc-drawer[role=dialog]")
    expect(drawer).to_contain_text("There is none for this method.", timeout=SOON)
    expect(drawer.get_by_text("Finished").first).to_be_visible(timeout=SOON)
    worker.terminate()
    drawer.get_by_role("button", name="Make one from what was observed").click()
    expect(page.get_by_text("runs of the last week")).to_be_visible(timeout=SOON)
    expect(field(page, "method")).to_have_value(ADD)
    expect(field(page, "queue")).to_have_value("short")
    expect(page.locator("[data-fieldname=matched_html]")).to_contain_text(ADD, timeout=SOON)
    save(page)
    expect(page.get_by_text("Saved").first).to_be_visible(timeout=SOON)
    # Processes look for other policies once in a few seconds.
    show = f"{desk.url}/api/method/job_console.api.show"
    wait_until(lambda: page.request.get(show, params={"job_id": jobs[-1]}).json()["message"]["policy"], 30)
    monitor(page, desk, f"?job={jobs[-1]}")
    expect(drawer.get_by_role("link", name=ADD).first).to_be_visible(timeout=SOON)
    expect(drawer).to_contain_text("It goes to short.", timeout=SOON)
    expect(drawer).to_contain_text("made in the desk")


def test_what_a_pattern_would_have_been_for_is_seen_before_it_is_saved(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="add", one=1, other=2)
    page.goto(f"{desk.url}/app/job-policy/new?match_by=Pattern")
    matched = page.locator("[data-fieldname=matched_html]")
    expect(matched).to_contain_text("Say first which jobs it is for", timeout=SOON)
    field(page, "pattern").fill("job_console.bridge.*")
    field(page, "pattern").press("Tab")
    expect(matched).to_contain_text(ADD, timeout=SOON)
    field(page, "pattern").fill("no.such.*")
    field(page, "pattern").press("Tab")
    expect(matched).to_contain_text("None of the", timeout=SOON)
    assert job_id


def test_what_makes_no_sense_is_refused_in_plain_words(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/app/job-policy/new")
    field(page, "method").fill(ADD)
    field(page, "queue").fill("short")
    field(page, "unique_key").fill("{one")
    field(page, "lock_key").fill("bed}")
    save(page)
    mistake = page.locator(".job-policy-mistake")
    expect(mistake).to_have_count(2, timeout=SOON)
    expect(page.locator("[data-fieldname=unique_key] .job-policy-mistake")).to_contain_text("is no template")
    expect(page.locator("[data-fieldname=lock_key] .job-policy-mistake")).to_contain_text("is no template")
    field(page, "unique_key").fill("{one}")
    field(page, "lock_key").fill("")
    save(page)
    expect(page.get_by_text("Saved").first).to_be_visible(timeout=SOON)
    expect(mistake).to_have_count(0)


def test_methods_that_ran_are_suggested(page: Page, desk: Desk) -> None:
    desk.execute("enqueue_here", method="add", one=1, other=2)
    page.goto(f"{desk.url}/app/job-policy/new")
    field(page, "method").press_sequentially("testing.add")
    suggested = page.locator("[data-fieldname=method] .awesomplete li")
    expect(suggested.filter(has_text=ADD).first).to_be_visible(timeout=SOON)


def test_what_a_person_changed_is_shown_and_taken_back(page: Page, desk: Desk) -> None:
    name = desk.execute(f"{TESTING}.make_declared", says={"queue": "long", "timeout": 900}, changed={"timeout": 1200})
    page.goto(f"{desk.url}/app/job-policy/{name}")
    shown = page.locator("[data-fieldname=overridden_html]")
    expect(shown).to_contain_text("Timeout: the code says 900", timeout=SOON)
    page.get_by_role("button", name="Reset to Code").click()
    page.get_by_role("button", name="Yes").click()
    expect(shown).to_contain_text("Everything is as the code says.", timeout=SOON)


def test_counts_are_written_with_the_separators_of_the_site(page: Page, desk: Desk) -> None:
    hourly.add(desk.redis, hourly.RACES, desk.site, {"shop.orders.save": 41_230}, datetime.now(timezone.utc))
    page.goto(f"{desk.url}/app/job-console-settings")
    try:
        expect(page.locator("[data-fieldname=early_html] td", has_text=re.compile(r"^41[.,]230$"))).to_be_visible(
            timeout=SOON
        )
    finally:
        desk.redis.delete(*desk.redis.keys(keys.own(hourly.RACES, desk.site, "*")))

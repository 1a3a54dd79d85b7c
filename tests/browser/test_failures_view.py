"""All failures by their cause on the operator console's page, and a group that is retried there, one job first."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from job_console.engine.redis import keys
from tests.engine.bench import SHORT, status
from tests.engine.failures.work import fail
from tests.support.site import Site
from tests.support.waiting import wait_until

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser


def test_a_group_is_retried_one_first(page: Any, site: Site, redis: Redis, workers: Any) -> None:
    about = {"doctype": "Item", "name": "SHIRT"}
    ids = fail(redis, 30, method="tests.jobs.weigh", user="mia@example.com", kwargs=about)
    fail(redis, 2, error="KeyError: " + "a long story " * 12, prefix="other")
    page.goto("/failures")
    expect(page.get_by_role("main")).to_contain_text("32 failures with 2 causes")
    group = page.get_by_role("region", name="ValueError tests.jobs.weigh")
    expect(group).to_contain_text("30 ×")
    expect(group).to_contain_text("no stock of …")
    # On a phone nothing can be hovered for the rest of a message.
    page.set_viewport_size({"width": 390, "height": 844})
    cut = "(all) => all.filter((each) => each.scrollWidth > each.clientWidth).length"
    assert page.locator(".jc-group-message").count() >= 2
    assert page.locator(".jc-group-message").evaluate_all(cut) == 0
    page.set_viewport_size({"width": 1280, "height": 900})
    group.get_by_role("button", name="Show the 30 jobs").click()
    expect(group).to_contain_text("mia@example.com")
    expect(group).to_contain_text("Item SHIRT")
    expect(group.get_by_role("table", name="Jobs").get_by_role("checkbox")).to_have_count(20)
    group.get_by_role("button", name="Retry…").click()
    question = page.locator("dialog[open]")
    expect(question.get_by_label("How?")).to_have_value("canary")
    question.get_by_role("textbox").fill("stock was counted")
    question.locator("button[type=submit]").click()
    expect(group).to_contain_text("One of 30 is tried first.")
    assert [status(redis, job_id) for job_id in ids].count("queued") == 1
    # It takes other arguments than these: it fails again, and the others stay as they are.
    workers.start(SHORT)
    outcome = "Stopped: 1 failed again. 0 ended well, 29 stay failed."

    def swept() -> bool:
        site.engine.sweep()
        return outcome in page.get_by_role("main").inner_text()

    wait_until(swept, message=outcome)
    assert [status(redis, job_id) for job_id in ids].count("failed") == 30
    page.goto("/audit")
    expect(page.get_by_role("main")).to_contain_text("Retry the group, one first")
    expect(page.get_by_role("main")).to_contain_text("tests.jobs.weigh: ValueError")


def test_a_retry_that_goes_on_is_ended(page: Any, redis: Redis) -> None:
    fail(redis, 30)
    page.goto("/failures")
    page.get_by_role("button", name="Retry…").click()
    question = page.locator("dialog[open]")
    question.get_by_role("textbox").fill("let us see")
    question.locator("button[type=submit]").click()
    page.get_by_role("button", name="End the retry").click()
    page.locator("dialog[open]").locator("button[type=submit]").click()
    expect(page.get_by_role("main")).to_contain_text("Ended by somebody. 0 ended well, 29 stay failed.")
    wait_until(lambda: not redis.exists(keys.CANARIES_ON))


def test_a_few_are_retried_at_once(page: Any, redis: Redis) -> None:
    ids = fail(redis, 3)
    page.goto("/failures")
    page.get_by_role("button", name="Retry…").click()
    question = page.locator("dialog[open]")
    expect(question.get_by_label("How?")).to_have_value("all")
    question.get_by_role("textbox").fill("stock was counted")
    question.locator("button[type=submit]").click()
    wait_until(lambda: {status(redis, job_id) for job_id in ids} == {"queued"})
    expect(page.get_by_role("main")).to_contain_text("Nothing has failed.")

"""A System Manager silences a warning in the desk, and tells it again: with the site's dialog, and with an entry in the
trail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from job_console.engine.redis import keys

from .conftest import Desk
from .test_job_monitor import SOON, monitor


@pytest.fixture
def suspended(desk: Desk) -> Iterator[None]:
    desk.redis.set("rq:suspended", 1)
    yield
    desk.redis.delete("rq:suspended", *desk.redis.scan_iter(f"{keys.own('silences')}*"))


def test_a_warning_is_snoozed_with_a_reason_and_reported_again(page: Page, desk: Desk, suspended: None) -> None:
    monitor(page, desk)
    row = page.get_by_role("region", name="What needs you").get_by_role("listitem").filter(has_text="are suspended")
    quiet = page.get_by_role("region", name="Silenced warnings")
    silence = row.get_by_role("button", name="Silence…")
    silence.focus()
    silence.press("Enter")
    question = page.locator(".modal.show")
    expect(question).to_contain_text(f"On the pages of {desk.site}")
    choice = question.locator("[data-fieldname=choice] select")
    expect(choice).to_be_focused()  # Bootstrap's dialog cannot be closed before it is open
    choice.select_option(label="Snooze for 4 h")
    question.locator("[data-fieldname=reason] input").fill("a deployment")
    question.get_by_role("button", name="Silence").press("Enter")
    toggle = quiet.get_by_role("button", name="1 silenced warning")
    expect(toggle).to_be_focused(timeout=SOON)
    expect(row).to_have_count(0)
    toggle.press("Enter")
    expect(quiet).to_contain_text("Snoozed by job-console-manager@example.com until")
    expect(quiet).to_contain_text("“a deployment”")
    quiet.get_by_role("button", name="Tell again…").press("Enter")
    expect(question.locator("[data-fieldname=reason] input")).to_be_focused()
    question.get_by_role("button", name="Tell it again").press("Enter")
    expect(silence).to_be_focused(timeout=SOON)
    expect(quiet).to_have_count(0)
    monitor(page, desk, "/audit")
    expect(page.get_by_role("list", name="Actions")).to_contain_text("“a deployment”")

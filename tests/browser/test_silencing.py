"""A warning that can wait is silenced from the operator console's page, and told again, with the keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from rq.suspension import suspend

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser


def test_it_is_muted_with_a_reason_and_reported_again_and_the_focus_goes_along(page: Any, redis: Any) -> None:
    suspend(redis)
    page.goto("/")
    needs = page.get_by_role("region", name="What needs you")
    quiet = page.get_by_role("region", name="Silenced warnings")
    silence = needs.get_by_role("button", name="Silence…")
    expect(page.get_by_role("heading", name="1 thing needs you.")).to_be_visible()
    silence.focus()
    page.keyboard.press("Enter")
    question = page.locator("dialog[open]")
    question.get_by_role("combobox").select_option(label="Mute for 30 d, also when it comes back")
    question.get_by_role("textbox").fill("a migration")
    question.get_by_role("button", name="Silence").press("Enter")
    expect(needs).to_have_count(0)
    expect(page.get_by_role("heading", name="needs you")).to_have_count(0)
    toggle = quiet.get_by_role("button", name="1 silenced warning")
    expect(toggle).to_be_focused()
    expect(quiet).not_to_contain_text("All workers are suspended")
    page.keyboard.press("Enter")
    expect(quiet).to_contain_text("All workers are suspended")
    expect(quiet).to_contain_text("Muted by tester@here until")
    expect(quiet).to_contain_text("“a migration”")
    quiet.get_by_role("button", name="Tell again…").press("Enter")
    page.locator("dialog[open]").get_by_role("button", name="Tell it again").press("Enter")
    expect(quiet).to_have_count(0)
    expect(silence).to_be_focused()
    page.get_by_role("link", name="Audit").click()
    trail = page.get_by_role("list", name="Actions")
    expect(trail).to_contain_text("Tell again")
    expect(trail).to_contain_text("the warning suspended")
    expect(trail).to_contain_text("“a migration”")

"""Schedules in a real desk: paused, moved to another time with a preview, and run, by a System Manager."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .conftest import Desk
from .test_job_monitor import SOON, monitor

TESTING = "job_console.bridge.tests.schedule_testing"


@pytest.fixture(autouse=True)
def _entry(desk: Desk) -> Iterator[None]:
    """Of Frappe's own form: a Scheduled Job Type for `job_console.bridge.tests.testing.nothing`, every New Year at
    03:00.
    """
    desk.execute(f"{TESTING}.make_entry")
    yield
    desk.execute(f"{TESTING}.remove_entry")


def test_a_schedule_is_paused_moved_and_run(page: Page, desk: Desk) -> None:
    monitor(page, desk, "/schedule?text=testing.nothing")
    entry = page.get_by_role("list", name="Schedules").locator("> li").filter(has_text="nothing")
    expect(entry).to_contain_text("at 03:00, on day 1 of the month, in January", timeout=SOON)
    entry.get_by_role("button", name="Pause").click()
    expect(entry).to_contain_text("Paused", timeout=SOON)
    entry.get_by_role("button", name="Resume").click()
    expect(entry.get_by_role("button", name="Pause")).to_be_visible(timeout=SOON)

    entry.get_by_role("button", name="Change time").click()
    entry.get_by_label("Cron expression").fill("0 25 * * *")
    expect(entry).to_contain_text("The hour goes from 0 to 23, not 25.", timeout=SOON)
    expect(entry.get_by_role("button", name="Save")).to_be_disabled()
    entry.get_by_label("Cron expression").fill("30 4 2 1 *")
    expect(entry.get_by_role("list", name="Next runs").get_by_role("listitem")).to_have_count(10, timeout=SOON)
    entry.get_by_role("button", name="Save").click()
    expect(entry).to_contain_text("its app declares: at 03:00, on day 1 of the month, in January", timeout=SOON)
    expect(entry).to_contain_text("30 4 2 1 *")

    entry.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("The schedule is put in its lane.").first).to_be_visible(timeout=SOON)
    expect(entry).to_contain_text("Waiting", timeout=SOON)


def test_the_next_day_is_foreseen(page: Page, desk: Desk) -> None:
    monitor(page, desk, "/schedule?day=1")
    text = page.get_by_role("group", name="Timeline").or_(page.get_by_text("Nothing is going to run"))
    expect(text.first).to_be_visible(timeout=SOON)

"""Whoever sits in another zone than their site reads the whole page by their own clock, and
numbers as the site writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Desk, open_as
from .test_job_monitor import SOON, monitor

MANAGER = "job-console-manager@example.com"
READERS = ZoneInfo("America/New_York")
SITES = {"time_zone": "Asia/Kolkata", "date_format": "dd.mm.yyyy", "time_format": "HH:mm", "number_format": "#.###,##"}


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    """A System Manager in New York, of a site in Kolkata."""
    own, *settings = desk.execute("locale_of", user=MANAGER).split("|")
    try:
        desk.execute("set_locale", user=MANAGER, zone=READERS.key, settings=SITES)
        page = open_as(browser, desk, MANAGER)
        yield page
        page.context.close()
    finally:
        desk.execute("set_locale", user=MANAGER, zone=own, settings=dict(zip(SITES, settings, strict=True)))


def test_times_and_numbers_are_the_readers(page: Page, desk: Desk) -> None:
    job_id = desk.execute("enqueue_here", method="fail")
    desk.start_worker("short")
    monitor(page, desk, f"?job={job_id}")
    header = page.get_by_role("region", name="State of the bench")
    expect(header).to_contain_text(READERS.key)
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("this one fails, on purpose", timeout=SOON)
    made = desk.redis.hget(f"rq:job:{job_id}", "created_at").decode()
    shown = datetime.fromisoformat(made.replace("Z", "+00:00")).astimezone(READERS)
    expect(drawer).to_contain_text(f"{shown:%d.%m.%Y, %H:%M:%S}")
    expect(header).to_contain_text(re.compile(r"Redis \d+(,\d)? MB"))
    monitor(page, desk, "/schedule")
    expect(page.get_by_text("in the time of day of their site")).to_contain_text(SITES["time_zone"])

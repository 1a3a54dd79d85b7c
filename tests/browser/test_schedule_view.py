"""What a person reads in the Schedule view of the operator console."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from job_console.engine.history.statistics import EndedRun, record
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.schedule import history
from job_console.engine.schedule.history import Ran
from job_console.engine.schedule.store import ScheduleStore

from ..support.waiting import wait_until

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser

SITE = "a.localhost"


def now() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0)


def entry(name: str, cron: str, due_at: datetime, **more: Any) -> ScheduleEntry:
    usual = {"method": f"shop.tasks.{name}", "queue": "bench:long", "job_id": f"{SITE}||scheduled_job||{name}"}
    return ScheduleEntry(
        record=f"tasks.{name}", cron=cron, due_at=due_at, last_at=now() - timedelta(hours=1), **{**usual, **more}
    )


@pytest.fixture
def rush(redis: Any, workers: Any) -> None:
    """Five jobs of ten minutes each want the one worker at the same moment; two others have a life of their own."""
    workers.start("bench:long")
    at = (now() + timedelta(hours=3)).replace(minute=0, second=0)
    names = ("aging", "reorder", "dunning", "reports", "mail")
    entries = [entry(name, f"0 {at.hour} * * *", at) for name in names]
    entries.append(entry("pull", "*/2 * * * *", now() + timedelta(minutes=2), declared="0 * * * *"))
    entries.append(entry("leap", "0 0 30 2 *", None, problem="No date is ever like that."))
    entries.append(entry("archive", "0 5 * * 1", at, stopped=True))
    ScheduleStore(redis).publish(Schedule(SITE, True, read_at=now(), ticked_at=now(), entries=tuple(entries)))
    for each in entries[:5]:
        record(redis, EndedRun(each.method, "bench:long", "finished", now(), run_s=600.0))
    runs = [Ran(now() - timedelta(hours=60 - n), 600.0, "failed" if n % 9 == 4 else "finished") for n in range(60)]
    history.record(redis, SITE, [(entries[0].job_id, run) for run in runs])


def row(page: Any, name: str) -> Any:
    return page.get_by_role("list", name="Schedules").locator("> li").filter(has_text=name)


def test_what_runs_when_and_how_it_went(page: Any, rush: None) -> None:
    page.goto("/schedule")
    expect(row(page, "pull")).to_contain_text("every 2 minutes")
    expect(row(page, "pull")).to_contain_text("its app declares: every hour")
    expect(row(page, "pull")).to_contain_text("due 720 times a day, enqueued 360 times")
    expect(row(page, "aging").get_by_role("img", name="53 of the last 60 runs ended well")).to_be_visible()
    expect(row(page, "aging")).to_contain_text("usually 11 min")
    expect(row(page, "leap")).to_contain_text("No date is ever like that.")
    expect(row(page, "archive")).to_contain_text("Paused")
    expect(row(page, "aging").get_by_role("button")).to_have_text([""])  # copies a line
    page.get_by_role("searchbox", name="Method or time").fill("every 2")
    expect(page.get_by_role("list", name="Schedules").locator("> li")).to_have_count(1)


def test_the_next_day_is_drawn_and_its_rush_reported(page: Any, rush: None) -> None:
    page.goto("/schedule")
    page.get_by_role("link", name="The next 24 hours").click()
    page.wait_for_url("**/schedule?day=1")
    tight = page.get_by_role("region", name="Where it gets tight")
    expect(tight).to_contain_text(re.compile(r"[56] jobs need 5\d worker-minutes on 1 worker"))
    expect(tight).to_contain_text("aging, reorder, dunning, reports, mail")
    lane = page.get_by_role("region", name="Lane long")
    wait_until(lambda: lane.locator(".jc-day-late").count() >= 4, message="who waits is marked")


def test_it_fits_a_phone(page: Any, rush: None) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/schedule", "/schedule?day=1"):
        page.goto(path)
        expect(page.get_by_role("navigation", name="Shown")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

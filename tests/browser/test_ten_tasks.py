"""What an operator does every day, from the page's first view: each of it takes at most three clicks.

A choice from a list counts as a click; typing does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis

from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.redis import keys
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.service import Viewer
from tests.engine.bench import SHORT, enqueue, payload, status
from tests.engine.bench import fill as fill_lane
from tests.engine.failures.work import fail
from tests.support.waiting import wait_until

from .test_locks_view import ask as ask_for_lock

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser

MOST = 3
SITE = "a.localhost"


@dataclass
class Hand:
    """Somebody at the page."""

    page: Any
    clicks: int = 0

    def click(self, target: Any) -> None:
        self.clicks += 1
        target.click()

    def tab(self, name: str) -> None:
        self.click(self.page.get_by_role("navigation", name="Views").get_by_role("link", name=name, exact=True))

    def choose(self, target: Any, label: str | re.Pattern[str]) -> None:
        self.clicks += 1
        options = [each.strip() for each in target.locator("option").all_inner_texts()]
        target.select_option(label=next(each for each in options if re.search(label, each)))

    def search(self, query: str) -> None:
        self.page.keyboard.press("/")
        self.page.keyboard.type(query + " ")
        self.page.keyboard.press("Enter")

    def answer(self, reason: str) -> None:
        self.question.get_by_role("textbox").fill(reason)
        self.click(self.question.locator("button[type=submit]"))

    @property
    def question(self) -> Any:
        return self.page.locator("dialog[open]")

    def lane(self, label: str = "short") -> Any:
        return self.page.get_by_role("region", name=f"Lane {label}")


@pytest.fixture
def hand(page: Any) -> Iterator[Hand]:
    """After the test: it took no more clicks than it may."""
    somebody = Hand(page)
    yield somebody
    assert somebody.clicks <= MOST, f"{somebody.clicks} clicks"


def opened(hand: Hand) -> Hand:
    hand.page.goto("/")
    expect(hand.page.get_by_role("heading", level=2)).not_to_have_text("Looking…")
    return hand


def test_find_the_job_of_an_invoice(hand: Hand, redis: Redis) -> None:
    for number in range(40):
        data = payload("shop.mail.send", doctype="Sales Invoice", name=f"ACC-SINV-{number:03}")
        fill_lane(redis, 1, name=lambda _n, number=number: f"{SITE}||mail-{number}", data=data)
    opened(hand).search("ACC-SINV-027")
    hand.click(hand.page.get_by_role("table", name="Jobs").get_by_role("link", name="shop.mail.send"))
    expect(hand.page.get_by_role("dialog")).to_contain_text("Sales Invoice ACC-SINV-027")


def test_retry_700_alike_safely(hand: Hand, redis: Redis) -> None:
    ids = fail(redis, 700)
    opened(hand).tab("Failures")
    group = hand.page.get_by_role("region", name="ValueError shop.stock.sync")
    expect(group).to_contain_text("700 ×")
    hand.click(group.get_by_role("button", name="Retry…"))
    hand.answer("stock was counted")
    expect(group).to_contain_text("One of 700 is tried first.")
    assert [status(redis, job_id) for job_id in ids].count("queued") == 1


def test_pause_a_queue_until_a_time(hand: Hand, redis: Redis, workers: Any) -> None:
    workers.start(SHORT, extra=("--obey",), name="w1")
    wait_until(lambda: redis.zscore(keys.OBEDIENT, "w1"))
    redis.sadd(keys.QUEUES, keys.queue(SHORT))
    opened(hand)
    hand.click(hand.lane().get_by_role("button", name="Pause: short"))
    hand.choose(hand.question.get_by_label("Until when?"), "^Until ")
    hand.answer("the bank is down")
    expect(hand.lane()).to_contain_text(re.compile(r"until .*00.* by tester@here: the bank is down"))
    job = enqueue(redis)
    expect(hand.lane()).to_contain_text("1 waiting")
    assert job.get_status(refresh=True) == "queued"


def test_see_why_a_job_waits(hand: Hand, redis: Redis) -> None:
    enqueue(redis)
    opened(hand)
    hand.click(hand.lane().get_by_role("link", name="Why?"))
    expect(hand.page.get_by_role("dialog")).to_contain_text("No worker")


def test_clear_a_queue(hand: Hand, redis: Redis) -> None:
    fill_lane(redis, 250)
    opened(hand)
    hand.click(hand.lane().get_by_role("button", name="Clear short"))
    hand.answer("a wrong import")
    panel = hand.page.get_by_role("region", name="Bulk action")
    expect(panel).to_contain_text("250 canceled")
    assert redis.llen(keys.queue(SHORT)) == 0


def test_cancel_all_of_one_method(hand: Hand, redis: Redis) -> None:
    fill_lane(redis, 120, name=f"{SITE}||a-{{}}".format, data=payload("shop.sync"))
    others = fill_lane(redis, 30, name=f"{SITE}||b-{{}}".format, data=payload("shop.sync_all"))
    opened(hand)
    hand.click(hand.lane().get_by_role("link", name="shop.sync").first)
    hand.click(hand.page.get_by_role("dialog").get_by_role("button", name="Cancel all waiting of shop.sync"))
    hand.answer("the shop is down")
    expect(hand.page.get_by_text("120 canceled")).to_be_visible()
    assert [name.decode() for name in redis.lrange(keys.queue(SHORT), 0, -1)] == others


def test_undo_a_bulk_action(hand: Hand, redis: Redis, site: Any) -> None:
    fill_lane(redis, 40)
    console = site.engine.console(Viewer("mia", may_act=True))
    begun = console.bulks.start("cancel", "status:queued", "a mistake")
    wait_until(lambda: console.bulks.go_on(begun["id"])["state"] == "done")
    opened(hand).tab("Audit")
    hand.click(hand.page.get_by_role("button", name="Undo: Cancel: status:queued"))
    expect(hand.page.get_by_role("region", name="Bulk action")).to_contain_text("40 put back in its lane")
    assert redis.llen(keys.queue(SHORT)) == 40


def test_find_who_holds_a_lock(hand: Hand, redis: Redis) -> None:
    ask_for_lock(redis, "ledger", "close_month")
    ask_for_lock(redis, "ledger", "post_invoices")
    opened(hand).tab("Locks")
    row = hand.page.get_by_role("list", name="Locks", exact=True).get_by_role("listitem").filter(has_text="ledger")
    expect(row.first).to_contain_text("close_month")
    expect(row.first).to_contain_text("mia@example.com")
    hand.click(row.first.get_by_role("button", name="Details"))
    expect(hand.page.get_by_role("region", name="In line")).to_contain_text("post_invoices")


def test_see_what_a_schedule_missed(hand: Hand, redis: Redis) -> None:
    """To run it is a matter of its site: here the line that does it; in the desk see tests/desk/test_schedule.py."""
    now = datetime.now(timezone.utc)
    at = {"last_at": now - timedelta(days=2), "due_at": now - timedelta(hours=30)}
    missed = ScheduleEntry("tasks.aging", "shop.tasks.aging", "0 3 * * *", "bench:long", job_id=f"{SITE}||s", **at)
    went = {"last_at": now, "due_at": now + timedelta(minutes=4)}
    other = ScheduleEntry("tasks.pull", "shop.tasks.pull", "*/4 * * * *", "bench:long", job_id=f"{SITE}||p", **went)
    ScheduleStore(redis).publish(Schedule(SITE, True, read_at=now, ticked_at=now, entries=(missed, other)))
    opened(hand)
    expect(hand.page.get_by_role("region", name="What needs you")).to_contain_text("shop.tasks.aging")
    hand.tab("Schedules")
    row = hand.page.get_by_role("list", name="Schedules").get_by_role("listitem").filter(has_text="aging")
    hand.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand.click(row.get_by_role("button", name="Copy the line that runs it now"))
    line = hand.page.evaluate("navigator.clipboard.readText()")
    assert line.startswith(f"bench --site {SITE} execute job_console.api.act --kwargs ")
    assert '"run_schedule"' in line


def test_quiet_a_worker_before_a_deploy(hand: Hand, redis: Redis, workers: Any) -> None:
    workers.start(SHORT, extra=("--obey",), name="w1")
    wait_until(lambda: redis.zscore(keys.OBEDIENT, "w1"))
    opened(hand).tab("Workers")
    row = hand.page.get_by_role("list", name="Workers").get_by_role("listitem")
    hand.click(row.get_by_role("button", name="Quiet"))
    hand.answer("the 14.2 deploy")
    expect(row).to_contain_text("by tester@here: the 14.2 deploy")


def test_share_what_one_sees(hand: Hand, redis: Redis) -> None:
    """By its address, and under a name."""
    fill_lane(redis, 3, name=f"{SITE}||a-{{}}".format, data=payload("shop.sync"))
    fill_lane(redis, 2, name=f"{SITE}||b-{{}}".format, data=payload("shop.purge"))
    opened(hand).search("method:sync")
    rows = hand.page.get_by_role("table", name="Jobs").get_by_role("row")
    expect(rows).to_have_count(4)
    another = hand.page.context.new_page()
    another.goto(hand.page.url)
    expect(another.get_by_role("table", name="Jobs").get_by_role("row")).to_have_count(4)
    hand.click(hand.page.get_by_role("button", name="Views"))
    hand.click(hand.page.get_by_role("button", name="Save this view"))
    hand.question.get_by_label("For whom?").press("ArrowDown")
    hand.answer("Syncs")
    another.goto("/")
    another.get_by_role("button", name="Views").click()
    another.get_by_role("link", name="Syncs").click()
    expect(another).to_have_url(re.compile(r"jobs\?q=method%3Async$"))

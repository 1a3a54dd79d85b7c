"""The Jobs view on the operator console's page: the table, the query, what waits."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests import jobs as work
from tests.engine import bench

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser


def fill(redis: Any, count: int, name: str, method: str, user: str = "mia@example.com", **arguments: Any) -> list[str]:
    call = work.wrapped(method, "a.localhost", user, **arguments)
    data = bench.packed((work.WRAPPER, None, (), call))
    return bench.fill(redis, count, name=f"a.localhost||{name}-{{:04d}}".format, data=data)


def rows(page: Any) -> Any:
    return page.get_by_role("table", name="Jobs").get_by_role("row")


def test_three_newsletters_differ_and_a_heading_sorts(page: Any, redis: Any) -> None:
    for number, (newsletter, user) in enumerate((("April", "bob@x"), ("May", "zoe@x"), ("June", "ann@x"))):
        fill(redis, 1, f"mail{number}", "shop.send_newsletter", user, newsletter=newsletter, company="Acme")
    page.goto("/jobs")
    expect(rows(page)).to_have_count(4)
    for number, newsletter in enumerate(("April", "May", "June"), 1):
        expect(rows(page).nth(number)).to_contain_text(f"newsletter {newsletter}")
        expect(rows(page).nth(number)).not_to_contain_text("Acme")
    page.get_by_role("button", name="User").click()
    expect(page.get_by_role("columnheader", name="User")).to_have_attribute("aria-sort", "ascending")
    expect(rows(page).nth(1)).to_contain_text("ann@x")
    expect(page).to_have_url(re.compile("sort=user"))
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Site").check()
    page.get_by_role("checkbox", name="User").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.get_by_role("columnheader", name="Site")).to_be_visible()
    expect(page.get_by_role("columnheader", name="User")).to_have_count(0)


def test_a_query_completes_itself_and_stands_in_the_address(page: Any, redis: Any) -> None:
    fill(redis, 3, "sync", "shop.sync_stock", invoice="SINV-1")
    fill(redis, 2, "other", "shop.purge", "ops@example.com")
    page.goto("/")
    box = page.get_by_role("combobox", name="Search jobs")
    box.press_sequentially("user:m")
    page.get_by_role("option", name="mia@example.com").click()
    expect(box).to_have_value("user:mia@example.com ")
    box.press_sequentially("meth")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text("method:")
    box.press("ArrowDown")
    box.press("Enter")
    box.press_sequentially("sync_")
    expect(page.get_by_role("option", name="shop.sync_stock")).to_be_visible()
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/jobs\?q=user%3Amia%40example\.com\+method%3Async_$"))
    expect(rows(page)).to_have_count(4)
    page.go_back()
    page.go_forward()
    expect(box).to_have_value("user:mia@example.com method:sync_")
    page.goto("/jobs?q=arg.invoice:SINV-2")
    expect(page.get_by_text("Nothing found.")).to_be_visible()


def test_a_mistake_is_named_with_its_place(page: Any, redis: Any) -> None:
    fill(redis, 1, "sync", "shop.sync_stock")
    page.goto("/jobs")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("combobox", name="Search jobs").fill("user:mia metod:x ")
    expect(page.get_by_text("Do you mean 'method'?")).to_be_visible()


def test_of_what_waits_and_a_page_far_away(page: Any, redis: Any) -> None:
    fill(redis, 1_800, "often", "shop.often")
    fill(redis, 200, "rare", "shop.rare", "ops@example.com")
    page.goto("/jobs?status=queued")
    page.get_by_role("button", name="2,000 waiting: of what?").click()
    mix = page.get_by_role("region", name="What waits")
    expect(mix).to_contain_text("from a sample of 400")
    expect(mix.get_by_role("row").first).to_contain_text("shop.often")
    page.get_by_role("spinbutton", name="Page").fill("100")
    page.get_by_role("spinbutton", name="Page").press("Enter")
    expect(page.get_by_text("1,981 to 2,000 of 2,000")).to_be_visible()
    expect(rows(page).nth(20)).to_contain_text("rare-0199")
    mix.get_by_role("link", name="shop.rare").click()
    expect(page.get_by_text("200 found")).to_be_visible()


def test_all_that_match_are_canceled_and_brought_back(page: Any, redis: Any) -> None:
    fill(redis, 250, "sync", "shop.sync")
    others = fill(redis, 30, "other", "shop.purge")
    page.goto("/jobs?q=status:queued queue:short")
    expect(page.get_by_text("280 jobs", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name="Select all on this page").check()
    page.get_by_role("button", name="Select all 280 that match").click()
    page.get_by_role("button", name="Cancel", exact=True).first.click()
    question = page.locator("dialog[open]")
    expect(question).to_contain_text("Cancel: all 280 that match")
    question.get_by_role("textbox").fill("the bank is down")
    question.locator("button[type=submit]").click()
    panel = page.get_by_role("region", name="Bulk action")
    expect(panel).to_contain_text("280 of 280")
    expect(panel).to_contain_text("280 canceled")
    assert redis.llen("rq:queue:bench:short") == 0
    panel.get_by_role("button", name="Undo: 280 go back").click()
    expect(panel).to_contain_text("280 put back in its lane")
    assert redis.llen("rq:queue:bench:short") == 280
    assert others[0].encode() in redis.lrange("rq:queue:bench:short", 0, -1)

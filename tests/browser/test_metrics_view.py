"""Metrics over time on the operator console's page: drawn, in a table, and a way to what happened at a point."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis

from job_console.engine.history import marks, statistics
from job_console.engine.history.marks import Mark
from job_console.engine.history.statistics import EndedRun
from job_console.engine.models.bench import FailedRun
from job_console.engine.redis.link import pipelined
from tests.engine.bench import SHORT

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser
SITE = "a.localhost"


def count(redis: Redis, minutes_ago: int, times: int, run_s: float = 2.0, failed: bool = False) -> None:
    at = datetime.now(timezone.utc) - timedelta(minutes=minutes_ago)
    failure = FailedRun("shop.sync", f"{SITE}||x", at, "NoStock", "no", SHORT, SITE) if failed else None
    outcome = "failed" if failed else "finished"
    for _ in range(times):
        statistics.record(redis, EndedRun("shop.sync", SHORT, outcome, at, run_s, 0.5, failure, SITE))


def rows(chart: Any) -> list[list[str]]:
    table = chart.get_by_role("table")
    return [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]


def inked(page: Any, chart: Any) -> int:
    """Pixels of the chart that are not of one grey: its lines."""
    script = """canvas => {
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let found = 0;
        for (let at = 0; at < data.length; at += 4)
            found += data[at + 3] > 0 && Math.abs(data[at] - data[at + 2]) > 40;
        return found;
    }"""
    return int(chart.locator("canvas").evaluate(script))


def test_what_failed_at_which_minute_is_seen_and_leads_there(page: Any, redis: Redis) -> None:
    for minutes in (5, 6, 7):
        count(redis, minutes, 20)
    count(redis, 6, 7, failed=True)
    page.goto("/history?last=15m")
    chart = page.get_by_role("region", name="Runs", exact=True)
    expect(chart.locator("canvas")).to_be_visible()
    assert inked(page, chart) > 100
    chart.get_by_role("button", name="Table").click()
    assert rows(chart) == [["20", "0"], ["20", "7"], ["20", "0"]]
    times = page.get_by_role("region", name="Run time", exact=True)
    times.get_by_role("button", name="Table").click()
    assert rows(times)[0] == ["2 s", "2 s", "2 s"]
    costs = page.get_by_role("region", name="What kept workers busy")
    expect(costs).to_contain_text("shop.sync")
    expect(costs).to_contain_text("NoStock 7 ×")
    chart.get_by_role("table").get_by_role("row").nth(2).get_by_role("button").click()
    point = page.locator(".jc-point")
    expect(point).to_contain_text("Failed")
    point.get_by_role("link", name="Jobs that failed then").click()
    expect(page).to_have_url(re.compile(r"/jobs\?q=status%3Afailed\+ended"))
    page.go_back()
    # With the mouse: the point under it.
    expect(chart.locator("canvas")).to_be_visible()
    over = chart.locator(".u-over")
    box = over.bounding_box()
    over.click(position={"x": box["width"] - 5, "y": box["height"] / 2})
    expect(page.locator(".jc-point")).to_be_visible()
    costs.get_by_role("link", name="shop.sync").click()
    expect(page).to_have_url(re.compile(r"method=shop\.sync"))
    page.get_by_role("button", name="shop.sync ×").click()
    expect(page).not_to_have_url(re.compile("method="))


def test_what_was_changed_is_a_line_in_the_charts_and_a_row_below_them(page: Any, redis: Redis) -> None:
    for minutes in (5, 6, 7):
        count(redis, minutes, 20)
    now = time.time()
    pipeline = pipelined(redis)
    marked = [
        Mark(now - 400, "suspended"),
        Mark(now - 390, "resumed"),
        Mark(now - 200, "queues_paused", None, ("short",)),
    ]
    marks.write(pipeline, "", marked, now)
    pipeline.execute()
    page.goto("/history?last=15m")
    chart = page.get_by_role("region", name="Runs", exact=True)
    lines = chart.get_by_role("list", name="What was changed").get_by_role("button")
    first = lines.and_(page.get_by_title("the bench was suspended · the suspension of the bench ended"))
    last = lines.and_(page.get_by_title("queues were paused: short"))
    expect(first).to_be_visible()
    places = [each.bounding_box()["x"] for each in (first, last)]
    over = chart.locator(".u-over").bounding_box()
    assert over["x"] - 10 <= places[0] < places[1] <= over["x"] + over["width"]
    # The server's own start is one of them, too, wherever that was.
    lines.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(lines.nth(1)).to_be_focused()
    listed = page.get_by_role("region", name="Changes").get_by_role("row")
    expect(listed.filter(has_text="queues were paused: short")).to_be_visible()


def test_two_kinds_of_runs_are_two_bands_of_a_heat_map(page: Any, redis: Redis) -> None:
    for minutes in (3, 5, 7):
        count(redis, minutes, 20, run_s=0.05)
        count(redis, minutes, 10, run_s=40.0)
    page.goto("/history?last=15m")
    heat = page.get_by_role("region", name="How long they ran", exact=True)
    expect(heat.locator("canvas")).to_be_visible()
    bands = """canvas => {
        const {width, height} = canvas;
        const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
        const blue = y => [...Array(width).keys()].some(x => {
            const at = 4 * (y * width + x);
            return data[at + 3] > 0 && data[at + 2] - data[at] > 40;
        });
        return [...Array(height).keys()].filter(y => blue(y) && !(y && blue(y - 1))).length;
    }"""
    assert heat.locator("canvas").evaluate(bands) == 2
    heat.get_by_role("button", name="Table").click()
    assert [[cell for cell in row if cell != "0"] for row in rows(heat)] == [["20", "10"]] * 3
    over = heat.locator(".u-over")
    box = over.bounding_box()
    over.hover(position={"x": box["width"] - 3.5 * box["width"] / 15, "y": box["height"] - 3})
    expect(heat.locator(".jc-chart-under")).to_contain_text("ms: 20")
    expect(page.get_by_role("region", name="How long they waited", exact=True).locator("canvas")).to_be_visible()

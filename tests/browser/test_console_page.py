"""What a person sees and does on the operator console's page."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from rq import Queue

from job_console.engine.redis import keys
from tests import jobs as work
from tests.engine.conftest import reading
from tests.engine.output import work as output_work
from tests.support.site import serving

__all__ = ["reading"]

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect

pytestmark = pytest.mark.browser

#: An event a second, then a fetch; a busy machine takes its time.
SOON = 20_000


@pytest.fixture
def queue(redis: Any) -> Queue:
    return Queue("bench:short", connection=redis)


def enqueue(queue: Queue, method: str, job_id: str = "a.localhost||one", **arguments: Any) -> Any:
    kwargs = work.wrapped(method, user="mia@example.com", **arguments)
    return queue.enqueue_call(work.WRAPPER, kwargs=kwargs, job_id=job_id, timeout=300)


def lane(page: Any, label: str = "short") -> Any:
    return page.get_by_role("region", name=f"Lane {label}")


def confirm(page: Any, reason: str = "") -> None:
    """Answer the question that comes before work is lost or repeated."""
    question = page.locator("dialog[open]")
    if reason:
        question.get_by_role("textbox").fill(reason)
    question.locator("button[type=submit]").click()


def test_a_job_appears_runs_and_ends_without_a_reload(page: Any, queue: Queue, workers: Any, wait_until: Any) -> None:
    page.goto("/")
    expect(page.get_by_text("Live", exact=False).first).to_be_visible()
    job = enqueue(queue, "tests.jobs.hang", seconds=10)
    expect(lane(page)).to_contain_text("tests.jobs.hang", timeout=SOON)
    workers.start(queue.name)
    expect(lane(page).get_by_role("progressbar")).to_be_visible(timeout=SOON)
    expect(lane(page)).to_contain_text("mia@example.com")
    wait_until(lambda: job.get_status(refresh=True) == "finished")
    expect(lane(page).get_by_role("progressbar")).to_have_count(0, timeout=SOON)


def test_a_bar_moves_while_a_job_tells_how_far_it_is_and_stops_when_it_is_paused(
    page: Any, queue: Queue, workers: Any, wait_until: Any
) -> None:
    job = queue.enqueue("tests.engine.chunked.steps", 600, True, job_id="a.localhost||steps")
    workers.start(queue.name)
    page.goto("/")
    bar = lane(page).get_by_role("progressbar", name="Progress")
    expect(bar).to_be_visible(timeout=SOON)
    first = int(bar.get_attribute("aria-valuenow"))
    expect(lane(page)).to_contain_text("left", timeout=SOON)
    wait_until(lambda: int(bar.get_attribute("aria-valuenow")) > first, timeout=15)
    expect(lane(page)).to_contain_text("stepping")
    lane(page).get_by_role("button", name="Pause", exact=True).click()
    wait_until(lambda: job.get_status(refresh=True) == "scheduled")
    expect(lane(page)).to_contain_text("paused by", timeout=SOON)
    lane(page).get_by_role("button", name="Resume", exact=True).click()
    wait_until(lambda: job.get_status(refresh=True) == "started")
    expect(lane(page)).not_to_contain_text("paused by", timeout=SOON)
    lane(page).get_by_role("link", name="tests.engine.chunked.steps").first.click()
    drawer = page.get_by_role("dialog", name="tests.engine.chunked.steps", exact=True)
    expect(drawer).to_contain_text("a second")
    expect(drawer).to_contain_text("It is running and progressing", timeout=SOON)


def test_a_waiting_job_is_canceled_by_a_click(page: Any, queue: Queue) -> None:
    job = enqueue(queue, "shop.sync", password="hunter2", item="WIDGET-7")
    page.goto(f"/jobs?job={job.id}")
    drawer = page.get_by_role("dialog", name="shop.sync", exact=True)
    expect(drawer).to_contain_text("WIDGET-7")
    expect(drawer).not_to_contain_text("hunter2")
    drawer.get_by_role("button", name="Cancel", exact=True).first.click()
    expect(drawer).to_contain_text("Canceled", timeout=SOON)
    assert job.get_status(refresh=True) == "canceled"
    assert queue.job_ids == []


def test_a_cancel_is_undone_by_a_click(page: Any, queue: Queue, wait_until: Any) -> None:
    job = enqueue(queue, "shop.sync")
    other = enqueue(queue, "shop.sync", job_id="a.localhost||two")
    page.goto(f"/jobs?job={job.id}")
    drawer = page.get_by_role("dialog", name="shop.sync", exact=True)
    drawer.get_by_role("button", name="Cancel", exact=True).first.click()
    expect(page.locator(".jc-message")).to_contain_text("Undo puts it back at the end of its lane.")
    page.get_by_role("button", name="Undo").click()
    expect(drawer.get_by_text("Waiting", exact=True)).to_be_visible(timeout=SOON)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    wait_until(lambda: queue.job_ids == [other.id, job.id], message="it stands at the end of its lane")


def test_a_running_job_is_stopped_by_a_click(page: Any, queue: Queue, workers: Any, wait_until: Any) -> None:
    worker = workers.start(queue.name)
    job = enqueue(queue, "tests.jobs.hang")
    page.goto("/")
    lane(page).get_by_role("button", name="Stop").first.click()
    confirm(page)
    wait_until(lambda: job.get_status(refresh=True) in ("stopped", "failed"))
    wait_until(lambda: not workers.horses(worker))


def test_a_killed_worker_is_reported_at_once_everywhere_and_its_remedy_works(
    page: Any, queue: Queue, redis: Any, workers: Any, wait_until: Any, reading: None
) -> None:
    """SIGKILL to it and its horse. RQ's own records say for another 90 s that it runs."""
    page.goto("/")
    worker = workers.start(queue.name)
    job = enqueue(queue, "tests.jobs.hang_seen")
    expect(lane(page).get_by_role("button", name="Stop")).to_be_visible(timeout=SOON)
    expect(lane(page)).to_contain_text("1 of 1 worker busy")
    wait_until(lambda: redis.exists(keys.process(worker.worker_name)), message="it is known where it runs")
    workers.kill(worker)
    warning = page.get_by_role("listitem").filter(has_text="lost its worker").first
    expect(warning).to_be_visible(timeout=SOON)
    expect(warning).to_contain_text(f"process {worker.pid}")
    assert redis.hget(keys.worker(worker.worker_name), "current_job") == job.id.encode()
    expect(lane(page)).to_contain_text("lost: nothing runs it")
    expect(lane(page)).to_contain_text("no workers")
    expect(lane(page).get_by_role("progressbar")).to_have_count(0)
    expect(lane(page).get_by_role("button", name="Stop")).to_have_count(0)
    lane(page).get_by_role("button", name="Put it back in the queue").click()
    confirm(page, "its host went down")
    wait_until(lambda: job.get_status(refresh=True) == "queued")
    expect(page.get_by_text("lost its worker")).to_have_count(0, timeout=SOON)
    assert queue.job_ids == [job.id]


def test_sign_in_with_a_token(browser: Any, server: Any, redis: Any) -> None:
    with serving(server.url, token="a-token-of-some-length") as guarded:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{guarded.port}/jobs")
        page.get_by_label("Token").fill("a-token-of-some-length")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("the whole bench")).to_be_visible()
        page.close()


def test_what_a_job_prints_comes_into_the_drawer_and_stays_after_a_kill(
    page: Any, redis: Any, workers: Any, reading: Any, wait_until: Any
) -> None:
    job = Queue("default", connection=redis).enqueue(output_work.say_and_sleep, 0.2, job_timeout=300)
    worker = workers.start("default")
    wait_until(lambda: job.get_status(refresh=True) == "started")
    page.goto(f"/jobs?job={job.id}")
    log = page.get_by_role("group", name="What it printed and logged")
    expect(log).to_contain_text("it begins", timeout=SOON)
    expect(log.locator(".jc-log-line").nth(3)).to_contain_text("it goes on", timeout=SOON)
    last = log.locator(".jc-log-line").last
    expect(last).to_be_in_viewport()
    (horse,) = workers.horses(worker)
    os.kill(horse, signal.SIGKILL)
    expect(page.locator(".jc-log")).to_contain_text("up to its death", timeout=SOON)
    expect(log).to_contain_text("it begins")

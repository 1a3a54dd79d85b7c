"""The real desk in a real browser. bin/test-bench starts the bench's processes and says where they are."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect, sync_playwright
from rq.command import send_kill_horse_command

from job_console.bridge.tests import left_behind
from job_console.engine.redis import keys
from tests.support.chromium import launch
from tests.support.waiting import wait_until

SITE_JOBS = "job_console.bridge.tests.testing"


@dataclass
class Desk:
    """A site of the bench: runs things in it, starts its workers, opens its pages."""

    url: str
    redis: redis_py.Redis
    password: str
    before: set[left_behind.Entry]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def site(self) -> str:
        return self.url.split("//")[1].partition(":")[0]

    def command(self, line: str) -> list[str]:
        wrapped: list[str] = json.loads(os.environ["JOB_CONSOLE_AS_OWNER"])
        return [part.replace("@@", line) for part in wrapped]

    def execute(self, function: str, **kwargs: Any) -> str:
        """Run a function on the site, by `bench execute`: of `SITE_JOBS`, or a dotted one. What it returns."""
        function = function if "." in function else f"{SITE_JOBS}.{function}"
        line = f"bench --site {self.site} execute {function} --kwargs {shlex.quote(json.dumps(kwargs))}"
        done = subprocess.run(self.command(line), check=True, capture_output=True, text=True)
        lines = done.stdout.strip().splitlines()
        return lines[-1].strip('"') if lines else ""

    def start_worker(self, queues: str) -> subprocess.Popen[bytes]:
        line = f"exec bench worker --queue {queues} --quiet"
        worker = subprocess.Popen(
            self.command(line), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self.workers.append(worker)
        return worker

    @contextmanager
    def without_sweeps(self) -> Iterator[None]:
        """Nobody writes incidents meanwhile: a site on SQLite has room for one writer, and refuses the other."""
        prefixes = {
            key.decode().removeprefix("rq:queue:").rpartition(":")[0] for key in self.redis.smembers("rq:queues")
        }
        leases = [
            keys.sweep_lease(prefix, f"{duty}@{self.site}") for prefix in prefixes for duty in ("incidents", "alerts")
        ]
        for lease in leases:
            self.redis.set(lease, "tests", ex=300)
        yield
        self.redis.delete(*leases)

    def tidy_up(self) -> None:
        """No job of the test is left, nor one that Frappe has enqueued by the way: for a user, a deleted document."""
        left_behind.forget_dead_workers(self.redis)
        new = left_behind.standing(self.redis) - self.before
        left_behind.remove(self.redis, left_behind.of_sites(new, self.site, left_behind.OTHER_SITE))

    def end_workers(self) -> None:
        """And the jobs they are at: one that goes on would write to the site in the middle of the next test."""
        names = [name.decode().removeprefix("rq:worker:") for name in self.redis.smembers("rq:workers")]
        pids = [int(pid) for pid in (self.redis.hget(f"rq:worker:{name}", "pid") for name in names) if pid]
        for name in names:
            send_kill_horse_command(self.redis, name)
        for worker in self.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGTERM)
                worker.wait(30)
        # What was started is the owner's shell, which does not wait for its worker.
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 30, "the workers are gone")
        self.workers.clear()


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    if "JOB_CONSOLE_DESK" not in os.environ:
        pytest.skip("no desk: bin/test-bench starts one")
    client = redis_py.Redis.from_url(os.environ["JOB_CONSOLE_QUEUE_REDIS"])
    left_behind.remove(client, left_behind.of_tests(left_behind.standing(client)))
    desk = Desk(
        os.environ["JOB_CONSOLE_DESK"], client, secrets.token_urlsafe(16) + "aA1!", left_behind.standing(client)
    )
    desk.execute("make_users", password=desk.password)
    yield desk
    client.close()


@pytest.fixture(autouse=True)
def tidy(desk: Desk, request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test begins and ends without workers, and without jobs of these tests."""
    if "incidents" in request.node.path.name:
        others = desk.execute("others_incidents")
        desk.execute("forget_incidents", but=others)
        yield
        desk.execute("forget_incidents", but=others)
    else:
        with desk.without_sweeps():
            yield
    desk.end_workers()
    desk.tidy_up()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=60_000)
        chromium = launch(playwright)
        yield chromium
        chromium.close()


def open_as(browser: Browser, desk: Desk, user: str) -> Page:
    """A page of a browser in which `user` is logged in; a script error on it fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    form = {"usr": user, "pwd": desk.password}
    # A site on SQLite refuses a second writer: a browser of the test before may still be writing.
    wait_until(lambda: context.request.post(f"{desk.url}/api/method/login", form=form).ok, 30, "logged in")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.set_default_navigation_timeout(180_000)  # a site's first page after a migration makes its caches
    return page


@pytest.fixture
def page(browser: Browser, desk: Desk) -> Iterator[Page]:
    """A System Manager's browser."""
    page = open_as(browser, desk, "job-console-manager@example.com")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.context.close()
    assert errors == []

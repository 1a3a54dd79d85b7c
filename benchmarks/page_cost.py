"""What the page costs a computer that keeps it open, and what it loads.

    python -m benchmarks.page_cost [--running N] [--seconds N] [--tabs 1 10] [--checkout PATH]

with this repository in PYTHONPATH, its page built, and the libraries of its tests (Playwright, and Debian's Chromium).
It starts a Redis server of its own, `job-console serve` and Chromium.

N jobs run, and nothing else happens: each has a worker of RQ's that has said so, and beats. Processor time is that of
the system's accounts (/proc) of Chromium's renderer processes, and of all its processes: without a graphics card its
compositor draws with the processor. Bytes are those that came over the wire. `--checkout`: another version's page.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis as redis_py
from rq import Queue, Worker
from rq.worker import WorkerStatus

from benchmarks.page_served import HERE, chromium, processor_s, served
from job_console.console.embedded import embedded_server
from tests import jobs as work

LANES = ("bench:short", "bench:default", "bench:long")
BEAT_S = 20.0
#: Longer than a page takes somebody to be there who touches nothing (WORKED_MS of useClock.js).
LEFT_ALONE_S = 32.0
#: The page hears that somebody is there, and nothing else happens.
MOVES = "() => { setInterval(() => document.dispatchEvent(new Event('pointermove')), 5000) }"


@contextmanager
def running(redis: redis_py.Redis, count: int) -> Iterator[None]:
    """So many jobs run, as far as RQ knows."""
    crew, ended = [], threading.Event()
    for number in range(count):
        queue = Queue(LANES[number % len(LANES)], connection=redis)
        worker = Worker([queue], name=f"worker-{number}", connection=redis)
        worker.register_birth()
        call = work.wrapped(f"shop.reports.job_{number}", user="ops@example.com")
        job = queue.enqueue_call(work.WRAPPER, kwargs=call, timeout=3_600)
        redis.lrem(queue.key, 1, job.id)
        worker.set_state(WorkerStatus.BUSY)
        worker.prepare_execution(job)
        worker.prepare_job_execution(job)
        crew.append((worker, job))

    def beat() -> None:
        while not ended.wait(BEAT_S):
            for worker, job in crew:
                worker.maintain_heartbeats(job)

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        for worker, job in crew:
            job.delete()
            worker.register_death()


def cost(browser: Any, address: str, tabs: int, seconds: float, worked_in: int) -> str:
    """`worked_in`: in so many of them somebody moves the pointer now and then; the others stand beside that."""
    contexts = [browser.new_context(base_url=address) for _ in range(tabs)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto("")
        page.wait_for_selector(".jc-running")
    rows = page.locator(".jc-running").count()
    time.sleep(LEFT_ALONE_S)
    for page in pages[:worked_in]:
        page.evaluate(MOVES)
    time.sleep(2)
    before, began = (processor_s(), processor_s("")), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began
    shares = [100 * (now - then) / passed for now, then in zip((processor_s(), processor_s("")), before, strict=True)]
    for context in contexts:
        context.close()
    return f"| {tabs} | {worked_in} | {rows} | {shares[0]:.1f} % | {shares[1]:.1f} % |"


def loaded(browser: Any, address: str) -> Iterator[str]:
    """What comes over the wire: at first, again, for each view and the drawer."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    came: list[tuple[str, int]] = []
    addresses: dict[str, str] = {}
    session.on("Network.responseReceived", lambda it: addresses.update({it["requestId"]: it["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda it: came.append((addresses.get(it["requestId"], ""), round(it["encodedDataLength"]))),
    )

    def since(what: str) -> str:
        page.wait_for_timeout(1_500)
        page_s = [size for url, size in came if "/api/" not in url]
        answers = [size for url, size in came if "/api/" in url]
        came.clear()
        return f"| {what} | {sum(page_s):,} in {len(page_s)} | {sum(answers):,} in {len(answers)} |"

    page.goto("")
    page.wait_for_selector(".jc-running")
    yield since("first opened, Lanes")
    page.locator(".jc-running a").first.click()
    yield since("a job opened")
    for view in ("Jobs", "Failures", "Schedules", "Locks", "Workers", "Audit"):
        page.goto("about:blank")
        came.clear()
        page.goto("")
        page.wait_for_selector(".jc-running")
        page.wait_for_timeout(500)
        came.clear()
        page.get_by_role("link", name=view, exact=True).first.click()
        yield since(view)
    page.goto("")
    yield since("opened again")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--running", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--checkout", type=Path, default=HERE)
    asked = parser.parse_args()
    with embedded_server() as server, served(server.url, asked.checkout) as address, chromium() as browser:
        redis = redis_py.Redis.from_url(server.url)
        print("| tabs | worked in | rows that run | renderers | all of Chromium |")
        print("| ---: | ---: | ---: | ---: | ---: |")
        for tabs in asked.tabs:
            for worked_in in sorted({0, 1, tabs}):
                # Jobs of their own: what runs for two minutes is told in minutes, and hardly changes.
                with running(redis, asked.running):
                    print(cost(browser, address, tabs, asked.seconds, worked_in), flush=True)
        with running(redis, asked.running):
            print("\n| what | bytes of the page | bytes of answers |\n| --- | ---: | ---: |")
            for row in loaded(browser, address):
                print(row, flush=True)


if __name__ == "__main__":
    main()

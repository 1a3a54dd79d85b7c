"""From an event in Redis to its pixel, in each view of the page.

    python -m benchmarks.page_live [--events N] [--views lanes jobs …] [--storm N] [--checkout PATH]

with this repository in PYTHONPATH, its page built, and the libraries of its tests (Playwright, and Debian's Chromium).
It starts a Redis server of its own, `job-console serve` and Chromium.

An event is a call of RQ's (or of our locks') in this process; its time is that of the call's return. The pixel is the
second animation frame after the page says it, by the clock of the same machine. Events come at random, 0.3 to 3.3
seconds apart, each when the one before it has been seen. `--storm N`: meanwhile N other jobs a second come and go.
A look is counted by the server (PTTL, which each look asks once, and nobody else). `--checkout`: serve another
version's page.
"""

from __future__ import annotations

import argparse
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import redis as redis_py
from rq import Queue, Worker
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry

from benchmarks.page_served import HERE, chromium, served
from job_console.console.embedded import embedded_server
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.redis import keys
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.watch import incident_log
from job_console.engine.watch.incidents import Trouble
from tests import jobs as work

LANE = "bench:short"
DUE = ScheduleEntry("pull", "shop.pull", "0 0 1 1 *", LANE, job_id="a.localhost||scheduled_job||pull")
WATCH = """([text, there]) => {
    window.seen = new Promise((resolve) => {
        const says = () => document.querySelector("#job-console").textContent.includes(text) === there;
        const now = () => resolve(performance.timeOrigin + performance.now());
        const painted = () => requestAnimationFrame(() => requestAnimationFrame(now));
        if (says()) return resolve(null);
        const observer = new MutationObserver(() => says() && (observer.disconnect(), painted()));
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
}"""
#: Makes a thing seen, and takes it away again: (what the page then says, whether it says it, what does it).
Step = tuple[str, bool, Callable[[], object]]


@dataclass(frozen=True)
class View:
    path: str
    steps: Callable[[redis_py.Redis, str], list[Step]]


def enqueue(redis: redis_py.Redis, name: str, queue: str = LANE) -> Job:
    call = work.wrapped(f"shop.{name}")
    return Queue(queue, connection=redis).enqueue_call(work.WRAPPER, kwargs=call, timeout=300)


def waits(redis: redis_py.Redis, name: str) -> list[Step]:
    made: list[Job] = []
    return [
        (name, True, lambda: made.append(enqueue(redis, name))),
        (name, False, lambda: made.pop().delete()),
    ]


def fails(redis: redis_py.Redis, name: str) -> list[Step]:
    job = enqueue(redis, name, "bench:long")

    def fail() -> None:
        with redis.pipeline() as pipeline:
            pipeline.lrem(f"rq:queue:{job.origin}", 1, job.id)
            FailedJobRegistry(job.origin, connection=redis).add(job, ttl=600, pipeline=pipeline)
            job.set_status(JobStatus.FAILED, pipeline=pipeline)
            # Last: to enter the registry writes the whole record.
            at = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
            pipeline.hset(job.key, mapping={"ended_at": at, "exc_info": f"ValueError: {name}"})
            pipeline.execute()

    return [(name, True, fail), (name, False, job.delete)]


def locks(redis: redis_py.Redis, name: str) -> list[Step]:
    lock = Lock(redis, f"a.localhost|{name}", LockOptions(ttl_s=60))
    return [(name, True, lock.acquire), (name, False, lock.release)]


def works(redis: redis_py.Redis, name: str) -> list[Step]:
    # The page shows a worker by its host and process.
    worker = Worker([Queue(LANE, connection=redis)], name=name, connection=redis)
    worker.hostname, worker.pid = name, 4711
    return [(name, True, worker.register_birth), (name, False, worker.register_death)]


def is_due(redis: redis_py.Redis, name: str) -> list[Step]:
    """A schedule's run is enqueued and goes: the view has a link to it."""
    call = work.wrapped(f"shop.{name}")
    queue = Queue(LANE, connection=redis)
    return [
        ("last job", True, lambda: queue.enqueue_call(work.WRAPPER, kwargs=call, job_id=DUE.job_id, timeout=300)),
        ("last job", False, lambda: Job.fetch(DUE.job_id, connection=redis).delete()),
    ]


def is_written_down(redis: redis_py.Redis, name: str) -> list[Step]:
    key, now = keys.incident_log(""), datetime.now(timezone.utc)
    trouble = Trouble(name, "ghost_queued", "warning", name, {})
    return [
        (name, True, lambda: incident_log.write_down(redis, key, [trouble], now)),
        (
            f"{name}person",
            True,
            lambda: incident_log.acknowledge(redis, key, _incident(redis, name), f"{name}person", now),
        ),
    ]


def _incident(redis: redis_py.Redis, message: str) -> str:
    return next(each.name for each in incident_log.read(redis, keys.incident_log("")) if each.message == message)


def is_canceled(redis: redis_py.Redis, name: str) -> list[Step]:
    job = Job.fetch("watched", connection=redis)
    again = Queue(LANE, connection=redis).enqueue_job
    return [("Canceled", True, job.cancel), ("Canceled", False, lambda: again(job))]


VIEWS = {
    "lanes": View("", waits),
    "jobs": View("jobs", waits),
    "failures": View("failures", fails),
    "schedules": View("schedule", is_due),
    "locks": View("locks?idle=", locks),
    "workers": View("workers", works),
    "incidents": View("incidents", is_written_down),
    "drawer": View("audit?job=watched", is_canceled),
}


@contextmanager
def storm(url: str, a_second: float) -> Iterator[None]:
    """Other jobs come and go."""
    ended = threading.Event()

    def blow() -> None:
        redis = redis_py.Redis.from_url(url)
        while not ended.wait(1 / a_second):
            enqueue(redis, "other", "bench:default").delete()

    thread = threading.Thread(target=blow)
    if a_second:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if a_second:
            thread.join()


def looks(redis: redis_py.Redis) -> int:
    found: Any = redis.info("commandstats")
    return int(found.get("cmdstat_pttl", {}).get("calls", 0))


@dataclass
class Measured:
    view: str
    latencies: list[float]
    looks_a_second: float

    def row(self) -> str:
        ordered = sorted(self.latencies)
        within = ordered[min(round(0.99 * len(ordered)), len(ordered) - 1)]
        numbers = [statistics.median(ordered), within, ordered[-1]]
        shown = " | ".join(f"{1000 * number:,.0f} ms" for number in numbers)
        return f"| {self.view} | {len(ordered)} | {shown} | {self.looks_a_second:.2f} |"


def measure(page: Any, redis: redis_py.Redis, name: str, events: int) -> Measured:
    view, latencies, numbers = VIEWS[name], [], iter(range(10**6))
    steps: list[Step] = []
    page.goto(view.path)
    page.wait_for_timeout(3_000)
    began, looked = time.monotonic(), looks(redis)
    while len(latencies) < events:
        if not steps:
            steps = view.steps(redis, f"thing_{next(numbers):04d}_")
        time.sleep(random.uniform(0.3, 3.3))
        text, there, do = steps.pop(0)
        page.evaluate(WATCH, [text, there])
        do()
        at = time.time()
        latencies.append(page.evaluate("() => window.seen") / 1000 - at)
    return Measured(name, latencies, (looks(redis) - looked) / (time.monotonic() - began))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=40)
    parser.add_argument("--views", nargs="+", default=list(VIEWS), choices=list(VIEWS))
    parser.add_argument("--storm", type=float, default=0.0)
    parser.add_argument("--checkout", type=Path, default=HERE)
    asked = parser.parse_args()
    print("| view | events | median | 99 % within | at most | looks a second |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    with embedded_server() as server, served(server.url, asked.checkout) as address, chromium() as browser:
        redis = redis_py.Redis.from_url(server.url)
        Queue(LANE, connection=redis).enqueue_call(
            work.WRAPPER, kwargs=work.wrapped("shop.watched"), job_id="watched", timeout=300
        )
        ScheduleStore(redis).publish(Schedule("a.localhost", running=True, process=True, entries=(DUE,)))
        with storm(server.url, asked.storm):
            for name in asked.views:
                page = browser.new_context(base_url=address).new_page()
                print(measure(page, redis, name, asked.events).row(), flush=True)
                page.context.close()


if __name__ == "__main__":
    main()

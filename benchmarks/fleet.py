"""What it costs to watch many benches from one process: `python benchmarks/fleet.py [--benches 200] [--seconds 30]`.

The benches are databases of four real servers; each has three lanes with jobs that wait, some that failed, and an idle
worker's record. The fleet is served over HTTP as `serve --config` does it, sweeps included, in this process; who asks
is another one. Then one of the servers stands still (SIGSTOP), and with it a quarter of the benches.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import redis
from rq import Queue, Worker

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from job_console.console.embedded import Embedded, embedded_server
from job_console.console.fleet.fleet import Fleet
from job_console.console.verbs_fleet import SWITCH_S
from tests.engine import bench
from tests.support.fleets import serving_fleet, written

SERVERS = 4
LANES = (bench.SHORT, bench.DEFAULT, bench.LONG)
ASK = """
import sys, time, urllib.request
url, times = sys.argv[1], int(sys.argv[2])
for _ in range(times):
    began = time.perf_counter()
    body = urllib.request.urlopen(urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})).read()
    print((time.perf_counter() - began) * 1000, len(body))
    time.sleep(0.2)
"""


def fill(url: str) -> None:
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        for lane in LANES:
            for _ in range(20):
                bench.enqueue(client, "shop.tasks.sync", queue=lane, kwargs={"company": "Acme", "item": "WIDGET-7"})
        failed = bench.enqueue(client, "tests.jobs.fail", queue="bench:once", kwargs={"message": "on purpose"})
        queue = Queue("bench:once", connection=client)
        queue.remove(failed)
        failed.set_status("failed")
        queue.failed_job_registry.add(failed, ttl=86_400, exc_string="ValueError: on purpose")
        Worker([Queue(lane, connection=client) for lane in LANES], connection=client).register_birth()


def fill_all(urls: list[str]) -> None:
    """The first by RQ, the others as copies of it."""
    fill(urls[0])
    with contextlib.closing(redis.Redis.from_url(urls[0])) as first:
        known = {key: first.dump(key) for key in first.scan_iter()}
        lives = {key: max(first.pttl(key), 0) for key in known}
    for url in urls[1:]:
        with contextlib.closing(redis.Redis.from_url(url)) as client:
            pipeline = client.pipeline(transaction=False)
            for key, value in known.items():
                pipeline.restore(key, lives[key], value)
            pipeline.execute()


def asked(url: str, times: int) -> str:
    done = subprocess.run([sys.executable, "-c", ASK, url, str(times)], capture_output=True, text=True, check=True)
    answers = [line.split() for line in done.stdout.splitlines()]
    took = sorted(float(ms) for ms, _size in answers)
    return f"{statistics.median(took):.0f} ms, worst of {times} {took[-1]:.0f} ms, {int(answers[-1][1]) / 1024:.0f} KB"


def ages(fleet: Fleet, seconds: float) -> tuple[list[float], list[float]]:
    """(how old each row was, twice a second; how long the looks took)."""
    old: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        now = datetime.now(timezone.utc)
        reached = [member.seen for member in fleet.members.values() if member.seen.circuit.since is None]
        old += [(now - seen.looked_at).total_seconds() for seen in reached if seen.looked_at]
        time.sleep(0.5)
    return old, [member.seen.took_s for member in fleet.members.values() if member.seen.took_s is not None]


def told(what: str, values: list[float], unit: str = "s") -> None:
    ordered = sorted(values)
    print(f"{what}: median {statistics.median(ordered):.2f} {unit}, 99th percentile ", end="")
    print(f"{ordered[int(len(ordered) * 0.99)]:.2f} {unit}, worst {ordered[-1]:.2f} {unit}")


def memory_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextlib.contextmanager
def servers(databases: int) -> Iterator[list[Embedded]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(embedded_server(settings=(f"databases {databases}",))) for _ in range(SERVERS)]


def measure(site: Any, fleet: Fleet, seconds: float) -> None:
    began, spent = time.monotonic(), time.process_time()
    old, took = ages(fleet, seconds)
    share = (time.process_time() - spent) / (time.monotonic() - began)
    told("age of a row", old)
    told("a look, with its sweep", [each * 1000 for each in took], "ms")
    load = os.getloadavg()[0]
    print(f"processor: {share:.0%} of one, beside a load of {load:.0f}; memory: {memory_mb():.0f} MB")
    url = f"http://127.0.0.1:{site.port}"
    print(f"GET /api/fleet: {asked(url + '/api/fleet', 50)}")
    print(f"GET /api/find_job: {asked(url + '/api/find_job?job_id=none', 10)}")
    print(f"GET /api/fleet_failures: {asked(url + '/api/fleet_failures', 5)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benches", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--look-only", action="store_true", help="as with --read-only: no sweeps")
    asked_for = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    each = -(-asked_for.benches // SERVERS)
    with servers(each) as running, tempfile.TemporaryDirectory() as folder:
        urls = [f"{server.url}/{number}" for number in range(each) for server in running][: asked_for.benches]
        fill_all(urls)
        text = "".join(f'[[bench]]\nname = "bench-{n:03}"\nurl = "{url}"\n' for n, url in enumerate(urls))
        before = memory_mb()
        sys.setswitchinterval(SWITCH_S)  # as `serve --config` does
        with serving_fleet(written(Path(folder), text), may_act=not asked_for.look_only) as (site, fleet):
            time.sleep(20)  # the first looks survey
            print(f"{asked_for.benches} benches on {SERVERS} servers; memory before: {before:.0f} MB")
            measure(site, fleet, asked_for.seconds)
            os.kill(running[0].pid, signal.SIGSTOP)
            time.sleep(15)
            gone = sum(member.seen.circuit.since is not None for member in fleet.members.values())
            print(f"\none server stands still: {gone} benches cannot be reached; the others")
            try:
                measure(site, fleet, asked_for.seconds)
            finally:
                os.kill(running[0].pid, signal.SIGCONT)


if __name__ == "__main__":
    main()

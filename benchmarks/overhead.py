"""What the runtime costs a job, beside plain `frappe.enqueue` and plain RQ in the same run, on a real site.

    cd BENCH/sites && ../env/bin/python -m benchmarks.overhead SITE [--jobs N] [--rounds N] [--enqueueing]

with this repository in PYTHONPATH, as the bench's owner, on a bench of yours with both its Redis running, no worker,
and nothing in its lane `short`. What it publishes for the site is taken back. Contestants take turns. Times are medians
of all rounds; `cache` is the median of the rounds' differences in processor time.

Enqueueing: time and round trips of one call. Running: an empty job, inside its horse, from RQ's `perform_job` to its
end: time, processor time (which other work on the machine disturbs less), round trips. "1,000 policies" are 500 methods
and 500 globs, none of which fits.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import frappe
from frappe.utils.background_jobs import generate_qname, get_redis_conn
from redis.connection import Connection
from rq import Queue

EMPTY = "job_console.bridge.tests.testing.nothing"
#: What plain RQ runs: it imports nothing and does nothing.
BARE = "time.time"
#: Our hooks' own cost is what a job takes beyond this one.
BESIDE = "frappe.enqueue, without Job Console"
LOADED = "Frappe, with the code of Job Console loaded and its hooks off"


@dataclass
class Row:
    name: str
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    round_trips: list[int] = field(default_factory=list)


class Counting:
    """Round trips of this process."""

    def __init__(self) -> None:
        self.round_trips = 0
        send = Connection.send_packed_command

        def count(connection: Any, *args: Any, **kwargs: Any) -> Any:
            self.round_trips += 1
            return send(connection, *args, **kwargs)

        Connection.send_packed_command = count


def policies(kind: str) -> list[Any]:
    from job_console.engine.models.policies import Limit, Policy

    if kind == "many":
        methods = [Policy(f"m{n}", "method", f"shop.module{n}.task") for n in range(500)]
        return methods + [Policy(f"g{n}", "glob", f"shop.module{n}.*") for n in range(500)]
    said = {
        "none": None,
        "plain": {"queue": "short", "timeout_s": 200.0, "expected_s": 60.0},
        "key": {"key": "{number}"},
        "lock": {"lock": "bed"},
        "limit": {"limit": Limit(100)},
    }[kind]
    return [Policy("P", "method", EMPTY, **said)] if said else []


def publish(kind: str) -> None:
    from job_console.bridge.connection import engine
    from job_console.engine.policies import store

    redis = engine().redis
    store.publish(redis, frappe.local.site, policies(kind), store.take_ticket(redis))
    engine().policies.forget(frappe.local.site)


def enqueueing(counting: Counting, rounds: int, jobs: int) -> list[Row]:
    import job_console
    from job_console.engine.rq import enqueueing as enqueueing_rq
    from job_console.runtime.enqueue import at_start

    lane = Queue(generate_qname("short"), connection=get_redis_conn())

    def plain(**kwargs: Any) -> Any:
        return frappe.enqueue(EMPTY, queue="short", **kwargs)

    def ours(**kwargs: Any) -> Any:
        return job_console.enqueue(EMPTY, queue="short", **kwargs)

    contestants: list[tuple[str, str, Callable[..., Any]]] = [
        ("plain RQ", "none", lambda **kwargs: lane.enqueue_call(BARE)),
        (BESIDE, "none", plain),
    ]
    kinds = {"no policy": "none", "a policy": "plain", "a unique key": "key", "1,000 policies": "many"}
    contestants += [(f"frappe.enqueue, {name}", kind, plain) for name, kind in kinds.items()]
    contestants += [(f"job_console.enqueue, {name}", kind, ours) for name, kind in kinds.items()]
    rows = {name: Row(name) for name, _kind, _call in contestants}
    for turn in range(rounds):
        for name, kind, call in contestants:
            publish(kind)
            enqueueing_rq.uninstall()
            if name not in ("plain RQ", BESIDE):
                at_start.install()
            call(number=-1)  # the first one reads the policies
            for number in range(jobs):
                round_trips, start, cpu = counting.round_trips, time.perf_counter(), time.process_time()
                call(number=f"{name}-{turn}-{number}")
                rows[name].cpu.append(time.process_time() - cpu)
                rows[name].seconds.append(time.perf_counter() - start)
                rows[name].round_trips.append(counting.round_trips - round_trips)
            lane.empty()
    return list(rows.values())


def running(rounds: int, jobs: int) -> list[Row]:
    contestants = [
        ("plain RQ", "none", "without"),
        ("Frappe, without Job Console", "none", "without"),
        (LOADED, "none", "loaded"),
        ("with Job Console, no policy", "none", "with"),
        ("… its log left off", "none", "unheard"),
        ("… a policy", "plain", "with"),
        ("… a unique key", "key", "with"),
        ("… a lock", "lock", "with"),
        ("… most runs at once", "limit", "with"),
        ("… 1,000 policies", "many", "with"),
    ]
    rows = {name: Row(name) for name, _kind, _which in contestants}
    for _ in range(rounds):
        for name, kind, which in contestants:
            publish(kind)
            run(rows[name], which, jobs, bare=name == "plain RQ")
    return list(rows.values())


def run(row: Row, which: str, jobs: int, bare: bool) -> None:
    lane = Queue(generate_qname("short"), connection=get_redis_conn())
    for number in range(jobs):
        if bare:
            lane.enqueue_call(BARE)
        else:
            frappe.enqueue(EMPTY, queue="short", number=number)
    with tempfile.NamedTemporaryFile() as notes:
        worker = str(Path(__file__).with_name("overhead_worker.py"))
        command = [sys.executable, worker, lane.name, notes.name, which, frappe.conf.redis_queue, "worker"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        done = [json.loads(line) for line in Path(notes.name).read_text().splitlines()]
    assert len(done) == jobs, f"{row.name}: {len(done)} of {jobs} jobs ran"
    assert all(note["ok"] for note in done), f"{row.name}: some failed"
    row.seconds += [note["s"] for note in done]
    row.cpu += [note["cpu_s"] for note in done]
    row.round_trips += [note["trips"] for note in done]


def table(title: str, rows: list[Row], baseline: str, rounds: int) -> None:
    (base,) = [row for row in rows if row.name == baseline]
    print(f"\n{title}\n\n| | time | processor | beside {baseline} | round trips |\n| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        took, cpu = (1000 * statistics.median(each) for each in (row.seconds, row.cpu))
        more = [1000 * (own - its) for own, its in zip(medians(row, rounds), medians(base, rounds), strict=True)]
        ratios = [own / its for own, its in zip(medians(row, rounds), medians(base, rounds), strict=True)]
        share = "" if row is base else f"{statistics.median(more):+.2f} ms, {statistics.median(ratios) - 1:+.1%}"
        print(f"| {row.name} | {took:.2f} ms | {cpu:.2f} ms | {share} | {statistics.median(row.round_trips):.0f} |")


def medians(row: Row, rounds: int) -> list[float]:
    """Of each round: what else the machine does in a round, it does to all contestants."""
    jobs = len(row.cpu) // rounds
    return [statistics.median(row.cpu[turn * jobs : (turn + 1) * jobs]) for turn in range(rounds)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("site")
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--enqueueing", action="store_true", help="nothing is run")
    asked = parser.parse_args()
    counting = Counting()
    frappe.init(asked.site)
    frappe.connect()
    redis = get_redis_conn()
    assert not redis.llen(f"rq:queue:{generate_qname('short')}"), "something waits in short"
    try:
        table("Enqueueing", enqueueing(counting, asked.rounds, asked.jobs), BESIDE, asked.rounds)
        if asked.enqueueing:
            return
        ran = running(asked.rounds, asked.jobs)
        table("Running an empty job", ran, "Frappe, without Job Console", asked.rounds)
        table("The same, beside a worker that has loaded as much", ran, LOADED, asked.rounds)
    finally:
        from job_console.bridge.policies import policies as ours

        ours.publish()
        frappe.destroy()


if __name__ == "__main__":
    main()

"""When a job starts, beside when it was said to: 1,000 jobs in three mixes on real workers.

    python -m benchmarks.eta [--mix NAME] [--plain] [--history N] [--scale N] [--seed N]

Jobs come in bursts; each is asked about as it comes, and some of those that wait are again every few seconds.
`--plain`: the jobs have no hooks, so that nothing but what RQ keeps tells how long they take. `--history`: so many runs
of each method were counted in the days before; without it, nothing but a fifth of the work is known. Needs rq and
redis (benchmarks/requirements.txt), and starts its own server and workers.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import redis
from rq import Queue
from rq.job import Job

from benchmarks.eta_worker import WRAPPER
from job_console.console.embedded import embedded_server
from job_console.engine.history import statistics as counted
from job_console.engine.service import Console, Engine, Viewer

ROOT = Path(__file__).resolve().parents[1]
SHORT, DEFAULT, LONG = "bench:short", "bench:default", "bench:long"
#: Method: median of its seconds, and how widely they scatter (sigma of a log-normal).
METHODS = {
    "mail.send": (0.04, 0.4),
    "search.index": (0.12, 0.3),
    "stock.update": (0.3, 0.6),
    "report.make": (0.5, 0.3),
    "bank.import": (1.2, 0.5),
    "ledger.post": (0.8, 0.15),
}
ASK_AGAIN_S = 3.0
ASKED_AGAIN = 8


@dataclass(frozen=True)
class Mix:
    name: str
    crew: tuple[tuple[str, ...], ...]
    #: By lane: methods and how many of ten.
    work: dict[str, dict[str, int]]
    #: Jobs by lane, in how many bursts.
    jobs: dict[str, int]
    bursts: int = 3


MIXES = (
    Mix(
        "short",
        ((SHORT,), (SHORT,), (SHORT,)),
        {SHORT: {"mail.send": 6, "search.index": 3, "stock.update": 1}},
        {SHORT: 450},
    ),
    Mix(
        "long",
        ((LONG,), (LONG,), (LONG,)),
        {LONG: {"report.make": 5, "bank.import": 3, "ledger.post": 2}},
        {LONG: 150},
    ),
    Mix(
        "several",
        ((SHORT, DEFAULT), (SHORT, DEFAULT, LONG), (LONG, DEFAULT, SHORT), (LONG,)),
        {
            SHORT: {"mail.send": 6, "search.index": 4},
            DEFAULT: {"search.index": 4, "stock.update": 4, "report.make": 2},
            LONG: {"report.make": 7, "ledger.post": 3},
        },
        {SHORT: 200, DEFAULT: 120, LONG: 80},
    ),
)


@dataclass(frozen=True)
class Said:
    job_id: str
    lane: str
    at: float
    within_s: float | None
    about_s: float | None
    at_enqueue: bool


@dataclass
class Found:
    said: list[Said] = field(default_factory=list)
    started: dict[str, float] = field(default_factory=dict)


class Bench:
    def __init__(self, port: int, mix: Mix, dice: random.Random, scale: float) -> None:
        self.client = redis.Redis(port=port)
        self.mix, self.dice, self.scale = mix, dice, scale
        self.console: Console = Engine(redis.Redis(port=port)).console(Viewer("benchmark"))
        self.found = Found()

    def enqueue(self, lane: str) -> str:
        work = self.mix.work[lane]
        (method,) = self.dice.choices(list(work), list(work.values()))
        median, sigma = METHODS[method]
        seconds = self.scale * median * self.dice.lognormvariate(0.0, sigma)
        kwargs = {
            "site": "a.localhost", "user": "Administrator", "method": method, "event": None, "job_name": None,
            "is_async": True, "kwargs": {"seconds": seconds},
        }  # fmt: skip
        queue = Queue(lane, connection=self.client)
        job_id = f"a.localhost||{uuid.uuid4()}"
        queue.enqueue_call(WRAPPER, kwargs=kwargs, job_id=job_id, timeout=300, result_ttl=600)
        return job_id

    def remember(self, runs: int) -> None:
        """As the hooks have counted them on earlier days."""
        now = datetime.now(timezone.utc)
        for method in {method for work in self.mix.work.values() for method in work}:
            median, sigma = METHODS[method]
            for number in range(runs):
                at = now - timedelta(days=1 + number % 5)
                ran = self.scale * median * self.dice.lognormvariate(0.0, sigma)
                run = counted.EndedRun(method, next(iter(self.mix.work)), "finished", at, ran, site="a.localhost")
                counted.record(self.client, run)

    def ask(self, job_id: str, lane: str, at_enqueue: bool) -> None:
        at = time.time()
        reported = self.console.jobs.explain(job_id)
        if reported["state"] != "queued":
            return
        evidence = next((d["evidence"] for d in reported["details"] if "expected_start_s" in d["evidence"]), {})
        within = reported["expected_start_s"]
        self.found.said.append(Said(job_id, lane, at, within, evidence.get("about_s", within), at_enqueue))

    def burst(self, share: float, ask: bool = True) -> None:
        lanes = [lane for lane, count in self.mix.jobs.items() for _ in range(round(count * share))]
        self.dice.shuffle(lanes)
        jobs = [(self.enqueue(lane), lane) for lane in lanes]
        if ask:
            for job_id, lane in self.dice.sample(jobs, len(jobs)):
                self.ask(job_id, lane, at_enqueue=True)

    def waiting(self) -> list[tuple[str, str]]:
        return [
            (member.decode(), lane)
            for lane in self.mix.jobs
            for member in self.client.lrange(f"rq:queue:{lane}", 0, -1)
        ]

    def drain(self, until: int, ask: bool = True) -> None:
        """Until no more than so many wait."""
        while len(waiting := self.waiting()) > until:
            if ask:
                for job_id, lane in self.dice.sample(waiting, min(ASKED_AGAIN, len(waiting))):
                    self.ask(job_id, lane, at_enqueue=False)
            time.sleep(ASK_AGAIN_S if ask else 0.1)

    def idle(self) -> None:
        while any(self.client.zcard(f"rq:wip:{lane}") for lane in self.mix.jobs) or self.waiting():
            time.sleep(0.1)

    def started(self) -> None:
        for said in self.found.said:
            if said.job_id not in self.found.started:
                started = Job.fetch(said.job_id, connection=self.client).started_at
                assert started, said.job_id
                aware = started if started.tzinfo else started.replace(tzinfo=timezone.utc)
                self.found.started[said.job_id] = aware.timestamp()


@contextlib.contextmanager
def crew(port: int, queues: Sequence[tuple[str, ...]], tells: bool) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.eta_worker", str(port), "1" if tells else "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [subprocess.Popen([*command, *each], cwd=ROOT, env=environment) for each in queues]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def play(mix: Mix, tells: bool, seed: int, scale: float, history: int) -> Found:
    with embedded_server() as server, crew(server.port, mix.crew, tells):
        bench = Bench(server.port, mix, random.Random(f"{seed} {mix.name}"), scale)
        while bench.client.scard("rq:workers") < len(mix.crew):
            time.sleep(0.05)
        bench.remember(history)
        bench.burst(0.2, ask=False)  # so that something is known
        bench.idle()
        for _ in range(mix.bursts):
            bench.burst(1 / mix.bursts)
            bench.drain(sum(mix.jobs.values()) // mix.bursts // 4)
        bench.drain(0)
        bench.idle()
        bench.started()
        bench.client.close()
        return bench.found


def shares(found: Found, said: Sequence[Said]) -> dict[str, Any]:
    reported = [(each, found.started[each.job_id] - each.at) for each in said if each.within_s is not None]
    reported = [(each, max(real, 0.0)) for each, real in reported]
    if not reported:
        return {"asked": len(said), "told": 0}
    kept = sum(real <= each.within_s for each, real in reported)
    waited = [(each, real) for each, real in reported if real >= 0.5]
    errors = [statistics.median(abs(said_s(each) - real) / real for each, real in waited) for said_s in FIGURES]
    bias = statistics.median((each.about_s - real) / real for each, real in waited)
    return {
        "asked": len(said), "told": len(reported), "kept": kept / len(reported), "error_within": errors[0],
        "error_about": errors[1], "bias_about": bias,
    }  # fmt: skip


FIGURES = (lambda each: each.within_s, lambda each: each.about_s)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mix", choices=[mix.name for mix in MIXES])
    options.add_argument("--plain", action="store_true")
    options.add_argument("--history", type=int, default=0)
    options.add_argument("--scale", type=float, default=1.0, help="all jobs take so many times as long")
    options.add_argument("--seed", type=int, default=int(datetime.now(timezone.utc).timestamp()))
    asked = options.parse_args()
    print(f"{'mix':<24}{'asked':>7}{'told':>7}{'within it':>11}{'error':>8}{'about: error':>14}{'bias':>8}")
    every = Found()
    for mix in [each for each in MIXES if asked.mix in (None, each.name)]:
        found = play(mix, not asked.plain, asked.seed, asked.scale, asked.history)
        every.said += found.said
        every.started |= found.started
        lanes = list(mix.jobs)
        groups = {mix.name: found.said}
        groups |= {"  as they come": [each for each in found.said if each.at_enqueue]}
        if len(lanes) > 1:
            groups |= {f"  {lane}": [each for each in found.said if each.lane == lane] for lane in lanes}
        for name, said in groups.items():
            show(name, shares(found, said))
    show("all", shares(every, every.said))


def show(name: str, row: dict[str, Any]) -> None:
    if not row["told"]:
        print(f"{name:<24}{row['asked']:>7}{0:>7}", flush=True)
        return
    figures = f"{row['kept']:>11.1%}{row['error_within']:>8.1%}{row['error_about']:>14.1%}{row['bias_about']:>+8.1%}"
    print(f"{name:<24}{row['asked']:>7}{row['told']:>7}{figures}", flush=True)


if __name__ == "__main__":
    main()

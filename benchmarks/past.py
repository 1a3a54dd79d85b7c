"""The time machine: what a day of pictures takes in Redis, and what one costs to write and to read.

    PYTHONPATH=. python benchmarks/past.py              # a day of each bench, about a minute each
    PYTHONPATH=. python benchmarks/past.py --hours 2

Looks are made up, ten queues and a hundred methods on four sites; what writes and reads them is the real code, on a
server of its own. Ids are random, as Frappe's are.
"""

from __future__ import annotations

import argparse
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from time import perf_counter, process_time
from typing import Any

import redis as redis_py

from job_console.console.embedded import embedded_server
from job_console.engine.messages import _
from job_console.engine.models.bench import Bench, Counts, Lane, RedisHealth, Usual
from job_console.engine.models.jobs import Call, Failure, Job
from job_console.engine.models.schedule import Schedule
from job_console.engine.models.warnings import Warning
from job_console.engine.models.workers import Measured, Worker
from job_console.engine.past import limits
from job_console.engine.redis import keys
from job_console.engine.service import Engine
from job_console.engine.watch.past_duty import keep_picture, pack_pictures
from job_console.engine.watch.watch import Look
from job_console.engine.wording import duration

#: No literal of `_`: it is nobody's to translate.
WAITED = "{lane}: the first job has waited {duration}."
DAY = datetime(2026, 11, 23, tzinfo=timezone.utc)
PREFIX = "home-frappe-frappe-bench:"
_NAMES = ("short", "default", "long", "mail", "shop", "stock", "sync", "pdf", "import", "night")
QUEUES = [f"{PREFIX}{name}" for name in _NAMES]
SITES = [f"{name}.example.com" for name in ("erp", "shop", "crm", "hr")]
METHODS = [
    f"{app}.{part}.tasks.{verb}_{what}"
    for app in ("erpnext", "shop")
    for part in ("stock", "selling", "accounts", "hr", "mail")
    for verb in ("sync", "send")
    for what in ("orders", "items", "invoices", "prices", "contacts")
]


@dataclass
class Kind:
    """`jobs_a_s` over the whole bench; of `failing` a share fails."""

    workers: int
    jobs_a_s: float
    failing: float
    warnings: int


KINDS = {
    "calm": Kind(workers=10, jobs_a_s=0.05, failing=0.01, warnings=0),
    "usual": Kind(workers=20, jobs_a_s=1.0, failing=0.01, warnings=2),
    "busy": Kind(workers=20, jobs_a_s=10.0, failing=0.02, warnings=6),
}


@dataclass
class Made:
    """A bench that works: jobs come, wait in their queue, run on a worker, end."""

    kind: Kind
    chance: random.Random
    at: float = 0.0
    waiting: dict[str, list[Job]] = field(default_factory=lambda: {queue: [] for queue in QUEUES})
    failed: dict[str, list[Job]] = field(default_factory=lambda: {queue: [] for queue in QUEUES})
    running: dict[str, tuple[float, Job]] = field(default_factory=dict)
    ended: int = 0

    def __post_init__(self) -> None:
        self.names = [uuid.UUID(int=self.chance.getrandbits(128)).hex for _number in range(self.kind.workers)]
        self.beats = [self.chance.random() * 400 for _name in self.names]
        self.takes = [(QUEUES[number % 10], QUEUES[(number + 3) % 10]) for number in range(self.kind.workers)]
        self.mean_s = 0.85 * self.kind.workers / self.kind.jobs_a_s if self.kind.jobs_a_s >= 1 else 8.0

    def go_on(self, until: float) -> None:
        while True:
            self.at += self.chance.expovariate(self.kind.jobs_a_s * self._load())
            if self.at > until:
                self.at = until
                break
            self._comes()
            self._works()
        self._works()

    def _load(self) -> float:
        """Half as much at night, and more at noon than there are workers for."""
        hour = self.at / 3600 % 24
        return 0.5 if hour < 7 or hour > 20 else 1.3 if 11 < hour < 13 else 1.0

    def _comes(self) -> None:
        queue, method = self.chance.choice(QUEUES), self.chance.choice(METHODS)
        site = self.chance.choice(SITES)
        job_id = f"{site}||{uuid.UUID(int=self.chance.getrandbits(128))}"
        call = Call(method, method, "method", site, f"user{self.chance.randrange(30)}@example.com")
        self.waiting[queue].append(Job(job_id, queue, "queued", call, enqueued_at=self._time(self.at), timeout_s=300.0))

    def _works(self) -> None:
        for number, name in enumerate(self.names):
            ends, job = self.running.get(name, (0.0, None))
            if job is not None and ends > self.at:
                continue
            if job is not None:
                self._ends(job, ends)
                del self.running[name]
            queue = next((each for each in self.takes[number] if self.waiting[each]), None)
            if queue:
                first, now = self.waiting[queue].pop(0), self._time(self.at)
                taken = replace(first, status="started", started_at=now, worker=name)
                self.running[name] = self.at + self.chance.expovariate(1 / self.mean_s), taken
                self.beats[number] = self.at

    def _ends(self, job: Job, at: float) -> None:
        self.ended += 1
        if self.chance.random() < self.kind.failing:
            error = Failure("ValidationError", f"Row {self.chance.randrange(999)}: the item {job.id[-6:]} is disabled")
            self.failed[job.queue].insert(0, replace(job, status="failed", ended_at=self._time(at), error=error))
            del self.failed[job.queue][500:]

    def look(self) -> Look:
        at = self._time(self.at)
        rows = {queue: tuple(job for _ends, job in self.running.values() if job.queue == queue) for queue in QUEUES}
        lanes = tuple(self._lane(queue, rows[queue]) for queue in QUEUES)
        workers = tuple(self._worker(number) for number in range(len(self.names)))
        redis = RedisHealth("7.0.15", 34_000_000 + round(self.chance.random() * 3e6), 0, uptime_s=self.at + 1e6)
        held = {job.id: job for _ends, job in self.running.values()}
        shown = {job.call.method for lane in lanes for job in (*lane.running, *lane.head)}
        ticked = self._time(self.at // 240 * 240)
        schedules = {site: Schedule(site, True, ticked_at=ticked, read_at=at) for site in SITES}
        usual = {method: Usual(900, 3.0 + len(method), 30.0, 1.0) for method in shown}
        bench = Bench(at, lanes, workers, redis, held=held, usual=usual, schedules=schedules)
        return Look(bench, tuple(self._warnings(bench)))

    def _lane(self, queue: str, running: tuple[Job, ...]) -> Lane:
        waiting, failed = self.waiting[queue], self.failed[queue]
        counts = Counts(len(waiting), len(running), len(failed), self.ended % 5000, scheduled=3)
        oldest = waiting[0].enqueued_at if waiting else None
        return Lane(queue, counts, running, tuple(waiting[:8]), tuple(failed[:5]), oldest_enqueued_at=oldest)

    def _worker(self, number: int) -> Worker:
        if self.at - self.beats[number] > 405:
            self.beats[number] = self.at
        job = self.running.get(self.names[number])
        state, beat, born = "busy" if job else "idle", self._time(self.beats[number]), self._time(-5000.0)
        name, job_id = self.names[number], job[1].id if job else None
        memory = 90_000_000 + 5_000_000 * number
        measured = Measured(memory, memory + 20_000_000 + sum(job_id.encode()) * 10_000 if job_id else None, 0.0003)
        versions = {"version": "2.3.2", "python_version": "3.12.3"}
        more: dict[str, Any] = {"born_at": born, "heartbeat_at": beat, "obeys": True, "measured": measured, **versions}
        return Worker(name, state, self.takes[number], job_id, "app-1", 4000 + number, **more)

    def _warnings(self, bench: Bench) -> Iterator[Warning]:
        for number in range(self.kind.warnings):
            since = bench.at - timedelta(seconds=self.at % 1800 + number * 60)
            waited = (bench.at - since).total_seconds()
            text = _(WAITED)
            said = text.format(lane=QUEUES[number], duration=duration(waited))
            evidence = {"oldest_wait_s": round(waited, 1)}
            yield Warning("starved", "warning", said, QUEUES[number], since=since, evidence=evidence)

    @staticmethod
    def _time(seconds: float) -> datetime:
        return DAY + timedelta(seconds=seconds)


def measured(url: str, kind: Kind, hours: float) -> dict[str, Any]:
    client = redis_py.Redis.from_url(url)
    engine, made = Engine(client, PREFIX), Made(kind, random.Random(7))
    before, spent, looks = client.info("memory")["used_memory"], 0.0, round(hours * 3600 / limits.EVERY_S)
    for number in range(looks):
        made.go_on((number + 1) * limits.EVERY_S)
        look = made.look()
        began = process_time()
        keep_picture(engine, look)
        if number % 30 == 29:
            pack_pictures(engine, look)
        spent += process_time() - began
    sizes = sum(int(each) for each in client.hvals(keys.pictures_sizes(PREFIX)))
    used = client.info("memory")["used_memory"] - before
    cost = {"counted_mb": sizes / 1e6, "redis_mb": used / 1e6, "write_ms": spent / looks * 1000}
    return {"jobs": made.ended, **cost, **read(engine, made)}


def read(engine: Engine, made: Made) -> dict[str, Any]:
    """Moments at random."""
    took, now = [], (DAY + timedelta(seconds=made.at)).timestamp()
    for _number in range(30):
        at = DAY.timestamp() + made.chance.uniform(100, made.at)
        began = perf_counter()
        text = engine.pictures.read(at, now).text or b""
        took.append(perf_counter() - began)
    return {"picture_bytes": len(text), "read_ms": sorted(took)[15] * 1000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    asked = parser.parse_args()
    for name in asked.kinds:
        with embedded_server() as server:
            found = measured(server.url, KINDS[name], asked.hours)
            print(name, json.dumps({key: round(value, 2) for key, value in found.items()}), flush=True)


if __name__ == "__main__":
    main()

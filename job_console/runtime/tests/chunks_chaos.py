"""Kills a job's processes at random, again and again, and has it tried again each time, until it is done.

For the tests of chunks, and for `benchmarks/chunks.py`, which shows the same with more items.
"""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from frappe.utils import get_bench_path
from redis import Redis

from job_console.bridge.access import console
from job_console.engine.redis import keys
from job_console.engine.rq.records import text

#: The rest are killed at any time, also before their loop has begun.
_AT_ITS_WORK = 0.75


class Chaos:
    def __init__(self, redis: Redis, job_id: str, queue: str = "short", seed: int = 1) -> None:
        self.redis = redis
        self.job_id = job_id
        self.queue = queue
        self.dice = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self._worker: subprocess.Popen[bytes] | None = None

    def run(self, between: tuple[float, float], with_worker: float, watch: Callable[[], object] = bool) -> None:
        """Until the job is finished: kill it so many seconds (`between`) after it began to come forward, in some cases
        sooner, in so many (`with_worker`, a share) together with its worker. `watch` is called before each kill."""
        try:
            while self.status() != "finished":
                self._keep_working()
                if self.dice.random() < _AT_ITS_WORK:
                    self._until_it_comes_forward()
                self._wait(self.dice.uniform(*between))
                watch()
                if self.status() == "started":
                    self._kill(self.dice.random() < with_worker)
        finally:
            self._end_worker()

    def status(self) -> str:
        return self._said("status")

    def _said(self, field: str) -> str:
        return text(self.redis.hget(keys.job(self.job_id), field)) or ""

    def _until_it_comes_forward(self) -> None:
        """However slow the machine is: who is killed before it begins, each time, never ends."""
        began = self._committed()
        while self.status() == "started" and self._committed() == began:
            time.sleep(0.02)

    def _committed(self) -> int:
        said = self.redis.hget(keys.progress(self.job_id), "chunks")
        return json.loads(said)["committed"] if said else 0

    def _keep_working(self) -> None:
        if self._worker is None or self._worker.poll() is not None:
            # Not through `bench`, so that its process is ours to kill.
            command = [str(Path(get_bench_path()) / "env/bin/python"), "-m", "frappe.utils.bench_helper"]
            self._worker = subprocess.Popen(
                [*command, "frappe", "worker", "--queue", self.queue],
                cwd=Path(get_bench_path()) / "sites",
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        if self.status() in ("failed", "queued"):
            if self.status() == "failed":
                console().actions.run("retry", [self.job_id])
            deadline = time.monotonic() + 60
            while self.status() == "queued" and time.monotonic() < deadline:
                time.sleep(0.02)

    def _kill(self, with_worker: bool) -> None:
        horses = self._horses()
        for pid in [*([self._worker.pid] if with_worker else []), *horses]:
            os.kill(pid, signal.SIGKILL)
        if with_worker or horses:
            self.happened["worker and horse killed" if with_worker else "horse killed"] += 1
        if with_worker:
            self._worker.wait()
            self._as_if_time_passed()
        else:
            self._until(lambda: self.status() != "started")

    def _as_if_time_passed(self) -> None:
        """Nobody hears of a dead worker before its lease ends, a minute and a half later. Then the monitor offers this
        remedy."""
        queue = self._said("origin")
        registry = keys.registry("started", queue)
        for member in self.redis.zrange(registry, 0, -1):
            if keys.members(text(member))[0] == self.job_id:
                self.redis.zadd(registry, {text(member): 1})
        self.redis.delete(keys.worker(self._said("worker_name")))
        (done,) = console().actions.run("requeue", [self.job_id])["results"]
        if not done["ok"] and self.status() == "started":
            raise AssertionError(f"It could not be put back: {done['reason']}")

    def _horses(self) -> list[int]:
        children = Path(f"/proc/{self._worker.pid}/task/{self._worker.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.status() == "started":
            time.sleep(0.02)

    def _until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError("Its worker did not tell that it was killed.")
            time.sleep(0.02)

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait(60)

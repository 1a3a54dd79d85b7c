"""A healthy bench under heavy load: thousands of short jobs, four workers, retries, cancels, workers that restart.

Somebody keeps looking all the time. Nothing may be said of jobs that are in order.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from dataclasses import dataclass
from typing import Any

from rq import Queue, Retry

from job_console.engine.redis import keys
from job_console.engine.service import Engine, Viewer
from tests import jobs as work
from tests.engine import bench
from tests.engine.bench import DEFAULT, LONG, SHORT
from tests.support.processes import Workers, kill
from tests.support.sizes import sized

JOBS = sized(2_000, 10_000)
#: Two fork, as a bench's workers do, and are restarted; the others do not, or the load would last for minutes.
FORKING = ((LONG, DEFAULT), (DEFAULT, SHORT))
QUICK = ((SHORT,), (DEFAULT, LONG, SHORT))
#: Ten thousand take 40 s on two idle processors.
PATIENCE_S = 200.0
#: Between two looks, on a machine that had no time for any of this: what then looks stuck has only had no turn.
STOOD_STILL_S = 2.5


@dataclass(frozen=True)
class Outcome:
    #: What was said of jobs that are in order: there must be nothing.
    false: frozenset[str]
    #: Jobs that RQ itself lost, and that were named.
    lost: frozenset[str | None]
    looks: int
    restarts: int
    acted: int
    left: int
    seconds: float


class Looks(threading.Thread):
    """Somebody keeps the page open."""

    def __init__(self, redis: Any, engine: Engine) -> None:
        super().__init__()
        self._redis = redis
        self._engine = engine
        self._ended = threading.Event()
        self.taken = 0
        self.false: set[str] = set()
        self.lost: set[str | None] = set()

    def run(self) -> None:
        came = time.monotonic()
        while not self._ended.wait(0.7):
            before, came = came, time.monotonic()
            self._engine.watch.forget()
            self._engine.sweep()
            if time.monotonic() - before > STOOD_STILL_S:
                continue  # so did all others
            for warning in self._engine.watch.look().warnings:
                if warning.code in ("ghost_queued", "in_limbo") and is_lost(self._redis, warning.job_id):
                    self.lost.add(warning.job_id)
                else:
                    self.false.add(f"{warning.code}: {warning.message}")
            self.taken += 1

    def stop(self) -> None:
        self._ended.set()
        self.join()


def load(redis: Any, dice: random.Random) -> list[str]:
    """Most jobs do their work; some fail once in a while and are tried again at once, as people do it by hand too."""
    ids = []
    for name, share in ((SHORT, 0.6), (DEFAULT, 0.3), (LONG, 0.1)):
        calls = [
            Queue.prepare_data(
                work.flaky,
                args=(dice.random(), 0.05),
                job_id=f"a.localhost||{name[6:]}-{number}",
                retry=Retry(max=5),
                result_ttl=600,
                timeout=300,
            )
            for number in range(int(JOBS * share))
        ]
        for start in range(0, len(calls), 1000):
            Queue(name, connection=redis).enqueue_many(calls[start : start + 1000])
        ids += [call.job_id for call in calls]
    return ids


def left(redis: Any) -> int:
    sizes = [
        redis.llen(keys.queue(name)) + redis.zcard(keys.registry("started", name)) for name in (SHORT, DEFAULT, LONG)
    ]
    return sum(sizes)


def is_lost(redis: Any, job_id: str | None) -> bool:
    """Named, and really so. It is a fault of RQ's own, seldom: a worker that is told to end between its pop and the
    start of the job raises `StopRequested` there, and drops the job (frappe#31325). At most one job a restart."""
    if job_id is None or bench.status(redis, job_id) != "queued":
        return False
    return all(place.startswith("intermediate") for place in bench.places(redis, job_id))


def run(redis: Any, engine: Engine, workers: Workers) -> Outcome:
    dice = random.Random(7)  # the same load every time
    began = time.monotonic()
    ids = load(redis, dice)
    for queues in QUICK:
        workers.start(*queues, fork=False)
    crew = [workers.start(*queues) for queues in FORKING]
    looks = Looks(redis, engine)
    looks.start()
    console = engine.console(Viewer("tester@here", may_act=True))
    restarts = acted = 0
    try:
        while left(redis) and time.monotonic() < began + PATIENCE_S:
            for _ in range(3):
                time.sleep(1)
                for action in ("cancel", "retry", "front"):
                    acted += sum(each["ok"] for each in console.actions.run(action, dice.sample(ids, 30))["results"])
            number = restarts % len(crew)
            kill(crew[number].pid, signal.SIGTERM)  # a deploy: it ends its job first
            crew[number].wait(20)
            crew[number] = workers.start(*FORKING[number])
            restarts += 1
    finally:
        looks.stop()
    took = time.monotonic() - began
    return Outcome(
        frozenset(looks.false), frozenset(looks.lost), looks.taken, restarts, acted, left(redis), round(took, 1)
    )

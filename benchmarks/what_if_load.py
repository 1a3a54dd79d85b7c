"""A made-up bench for `what_if`: its jobs by a generator of its own, and how they wait by simpy.

Nothing here is Job Console's: days differ (weekdays, a slow growth, a bad day), hours have a shape, some methods come
one by one, some in bulk, some by the clock; runs are log-normal, and one in some hundred takes twenty times as long.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

DAY_S, HOUR_S = 86_400, 3600
SHORT, DEFAULT, LONG = "bench:short", "bench:default", "bench:long"
#: Of a day's runs, by the hour.
SHAPE = (2, 1, 1, 1, 2, 3, 5, 9, 14, 18, 20, 19, 15, 17, 20, 19, 16, 12, 8, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Method:
    name: str
    lane: str
    a_day: float
    median_s: float
    spread: float
    #: How many come at once, on average; `clock`: minutes of the hour at which it comes.
    bulk: float = 1.0
    clock: tuple[int, ...] = ()
    slow: float = 0.0


METHODS = (
    Method("shop.mail.send", SHORT, 3000, 0.9, 0.5, bulk=4),
    Method("shop.webhook", SHORT, 1500, 1.5, 0.8, slow=0.004),
    Method("shop.newsletter", SHORT, 700, 0.6, 0.3, bulk=60),
    Method("shop.index", DEFAULT, 2500, 2.0, 0.6),
    Method("shop.stock.sync", DEFAULT, 192, 14.0, 0.5, clock=(0, 15, 30, 45)),
    Method("shop.import", DEFAULT, 250, 25.0, 0.9, bulk=3),
    Method("shop.report", LONG, 120, 150.0, 0.8),
    Method("shop.close", LONG, 24, 300.0, 0.4, clock=(5,)),
)
CREW = ((SHORT, DEFAULT), (SHORT, DEFAULT), (DEFAULT, SHORT, LONG), (LONG, DEFAULT))


@dataclass(frozen=True)
class Job:
    at: float
    method: str
    lane: str
    run_s: float


def day(number: int, dice: random.Random, methods: Sequence[Method] = METHODS) -> list[Job]:
    """From its midnight on."""
    found: list[Job] = []
    weekend = number % 7 in (5, 6)
    factor = (0.35 if weekend else 1.0) * dice.lognormvariate(0, 0.12) * (1 + 0.002 * number)
    for method in methods:
        for moment in _moments(method, factor, dice):
            run_s = dice.lognormvariate(math.log(method.median_s), method.spread)
            found.append(Job(moment, method.name, method.lane, run_s * (20 if dice.random() < method.slow else 1)))
    return sorted(found, key=lambda job: job.at)


def _moments(method: Method, factor: float, dice: random.Random) -> Iterator[float]:
    if method.clock:
        each = max(round(method.a_day / 24 / len(method.clock)), 1)
        for hour in range(24):
            for minute in method.clock:
                yield from (HOUR_S * hour + 60.0 * minute + 2 for _job in range(each))
        return
    for hour, weight in enumerate(SHAPE):
        rate = method.a_day * factor * weight / sum(SHAPE) / method.bulk / HOUR_S
        moment = dice.expovariate(rate)
        while moment < HOUR_S:
            size = max(round(dice.lognormvariate(math.log(method.bulk), 0.6)), 1) if method.bulk > 1 else 1
            for _job in range(size):
                yield HOUR_S * hour + moment + 0.01 * _job
            moment += dice.expovariate(rate)


@dataclass(frozen=True)
class Ran:
    method: str
    lane: str
    ended_at: float
    wait_s: float
    run_s: float


def waited(jobs: Sequence[Job], crew: Sequence[Sequence[str]], dice: random.Random) -> list[Ran]:
    """As simpy plays them: workers as processes that take the first job of the first of their queues that has one."""
    import simpy

    env = simpy.Environment()
    queues: dict[str, list[Job]] = {lane: [] for lane in (SHORT, DEFAULT, LONG)}
    asleep: list[tuple[frozenset[str], Any]] = []
    found: list[Ran] = []

    def enqueue() -> Iterator[Any]:
        for job in jobs:
            yield env.timeout(max(job.at - env.now, 0))
            queues[job.lane].append(job)
            for place, (serves, wake) in enumerate(asleep):
                if job.lane in serves:
                    del asleep[place]
                    wake.succeed()
                    break

    def worker(serves: Sequence[str]) -> Iterator[Any]:
        while True:
            lane = next((lane for lane in serves if queues[lane]), None)
            if lane is None:
                wake = env.event()
                asleep.append((frozenset(serves), wake))
                yield wake
                continue
            job = queues[lane].pop(0)
            yield env.timeout(dice.lognormvariate(math.log(0.03), 0.4))
            wait_s = env.now - job.at
            yield env.timeout(job.run_s)
            found.append(Ran(job.method, job.lane, env.now, wait_s, job.run_s))
            yield env.timeout(0.015)

    env.process(enqueue())
    for serves in crew:
        env.process(worker(serves))
    env.run()
    return found

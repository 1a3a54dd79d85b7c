"""A bench's history as jobs and sweeps leave it, on a real server."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import redis as redis_py

from job_console.engine.history import narrow, rows
from job_console.engine.history.archive import DAY_S, HOUR_S, BenchArchive
from job_console.engine.history.reader import HistoryReader
from job_console.engine.redis import keys
from job_console.engine.simulation import load
from job_console.engine.simulation.load import Load

#: Some midnight.
NOW = 1_795_392_000
#: When it ended, method, lane, how long it waited and ran.
Run = tuple[float, str, str, float, float]


def put_away(redis: redis_py.Redis, runs: Iterable[Run], now: int = NOW) -> None:
    """Hours and days put away, the minutes of the last day still in their hashes."""
    found: dict[int, dict[int, Any]] = {60: {}, HOUR_S: {}, DAY_S: {}}
    for ended_at, method, lane, wait_s, run_s in runs:
        numbers = {"k": 1, "s": round(1000 * run_s), f"R{narrow.bucket(run_s)}": 1, f"W{narrow.bucket(wait_s)}": 1}
        for step, buckets in found.items():
            if step > 60 or ended_at >= now - DAY_S:
                methods = buckets.setdefault(int(ended_at) // step * step, {})
                rows.add(methods.setdefault(method, {}).setdefault(lane, Counter()), numbers)
    kept = BenchArchive(redis)
    kept.put("hour", found[HOUR_S], {})
    kept.put("day", found[DAY_S], {})
    for minute, methods in found[60].items():
        redis.hset(
            keys.statistics("minute", minute), mapping={name: json.dumps(each) for name, each in methods.items()}
        )


def read(redis: redis_py.Redis, prefix: str = "b:", now: float = NOW) -> Load:
    return load.read(HistoryReader(redis, BenchArchive(redis), None, now), prefix, now)


def one_by_one(
    days: int, a_day: int, run_s: float, workers: int, seed: int = 1, now: int = NOW, lane: str = "b:short"
) -> list[Run]:
    """Jobs of one method that come at random, run as long as a die says and find so many workers: first come, first
    served, worked out here by the oldest rule there is, when each worker is free again."""
    dice, found = random.Random(seed), []
    for day in range(days):
        start = now - (days - day) * DAY_S
        free = [0.0] * workers
        for moment in sorted(dice.random() * DAY_S for _job in range(a_day)):
            worker = min(range(workers), key=free.__getitem__)
            begins, ran = max(moment, free[worker]) + 0.02, dice.expovariate(1 / run_s)
            free[worker] = begins + ran + 0.02
            found.append((start + begins + ran, "shop.send", lane, begins - moment, ran))
    return found

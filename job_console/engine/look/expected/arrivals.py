"""Estimates the rate at which new work arrives in a lane. Pure.

A worker that serves several lanes goes back to an earlier one for each job that comes to it. What came steadily in the
last minutes goes on coming so. What came in bursts may come in another one, after a pause like those between them; a
single burst says nothing of what comes next, until there is a second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import fmean

from ...models.expected import Arrivals, Bursts

#: Looked back for so long; of fewer jobs there is no telling, and in less time nothing comes steadily.
WINDOW_S = (8.0, 300.0)
JOBS = 8
#: Of so many parts of that time; what came in so many of them comes steadily. Between two bursts lies a longer pause
#: than one part.
PARTS, STEADY = 8, 7


def arrivals(came: Sequence[tuple[datetime, float]], runs: Sequence[float], now: datetime) -> Arrivals | None:
    """`came`: when jobs were enqueued, and how many each stands for; `runs`: durations of runs in seconds. None: no
    steady arrivals are known.
    """
    ages = [((now - at).total_seconds(), weight) for at, weight in came]
    ages = sorted((age, weight) for age, weight in ages if 0 <= age <= WINDOW_S[1])
    if len(ages) < JOBS or not runs:
        return None
    window = ages[-1][0]
    part_s = max(window, WINDOW_S[0]) / PARTS
    parts = [0.0] * PARTS
    for age, weight in ages:
        parts[min(int(age / part_s), PARTS - 1)] += weight
    if sum(part > 0 for part in parts) >= STEADY:
        return Arrivals(tuple(part / part_s for part in parts), part_s, fmean(runs))
    return Arrivals((), part_s, fmean(runs), _bursts(ages, part_s))


def _bursts(ages: Sequence[tuple[float, float]], pause_s: float) -> Bursts:
    """`ages`: the youngest first."""
    begins: list[float] = []
    sizes: list[float] = []
    last = ages[-1][0]
    for age, weight in reversed(ages):
        if not begins or last - age > pause_s:
            begins.append(age)
            sizes.append(0.0)
        last = age
        sizes[-1] += weight
    pauses = tuple(before - after for before, after in pairwise(begins))
    return Bursts(begins[-1], pauses, tuple(sizes))

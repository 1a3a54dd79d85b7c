"""Estimates the rate at which new work arrives in a lane. Pure.

A worker that serves several lanes goes back to an earlier one for each job that arrives there. What arrived steadily,
or in several bursts, in the last minutes is expected to go on; one or two bursts say nothing about what comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from statistics import fmean

from ...models.expected import Arrivals

#: The window that is looked at: at least and at most so many seconds, with at least so many jobs.
WINDOW_S = (8.0, 300.0)
JOBS = 8
#: The parts of that window, and in how many of them work must have arrived to be called steady.
PARTS, STEADY = 8, 7
BURSTS = 3


def arrivals(came: Sequence[tuple[datetime, float]], runs: Sequence[float], now: datetime) -> Arrivals | None:
    """`came`: when jobs were enqueued, and how many each stands for; `runs`: durations of runs in seconds. None: no
    steady arrivals are known.
    """
    ages = [((now - at).total_seconds(), weight) for at, weight in came]
    ages = [(age, weight) for age, weight in ages if 0 <= age <= WINDOW_S[1]]
    if len(ages) < JOBS or not runs:
        return None
    window = max(age for age, _weight in ages)
    if window < WINDOW_S[0]:
        return None
    parts = [0.0] * PARTS
    for age, weight in ages:
        parts[min(int(age / window * PARTS), PARTS - 1)] += weight
    bursts = sum(busy for busy, _parts in groupby(part > 0 for part in parts))
    if sum(part > 0 for part in parts) >= STEADY:
        share = 1.0
    elif bursts >= BURSTS:
        share = (bursts - 1) / bursts  # the window begins with one: so many pauses lie between them
    else:
        return None
    part_s = window / PARTS
    return Arrivals(tuple(share * part / part_s for part in parts), part_s, fmean(runs))

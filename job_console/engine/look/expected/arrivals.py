"""Whether work goes on coming to a lane, and how much. Pure.

A worker that serves several lanes goes back to an earlier one for each job that comes to it. What came steadily, or in
several bursts, in the last minutes goes on coming so; one or two bursts say nothing of what comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from statistics import fmean

from ...models.expected import Arrivals

#: Looked back for so long; in fewer jobs, or less time, there is no telling.
WINDOW_S = (8.0, 300.0)
JOBS = 8
#: Of so many parts of that time; what came in so many of them comes steadily.
PARTS, STEADY = 8, 7
BURSTS = 3


def arrivals(came: Sequence[tuple[datetime, float]], runs: Sequence[float], now: datetime) -> Arrivals | None:
    """`came`: when jobs were enqueued, and how many each stands for. None: nothing is known to go on coming."""
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

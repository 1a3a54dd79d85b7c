"""Whether work comes to a lane all the time, and how much. Pure.

A worker that serves several lanes goes back to an earlier one for each job that comes to it. A burst says nothing of
what comes next; work that came in most parts of the last minutes goes on coming.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, median

from ...models.expected import Coming

#: Looked back for so long; in fewer jobs, or less time, there is no telling.
WINDOW_S = (8.0, 300.0)
JOBS = 8
#: Of so many parts of that time; work must have come in so many of them, or it is a few bursts.
PARTS, STEADY = 8, 7


def coming(came: Sequence[tuple[datetime, float]], runs: Sequence[float], now: datetime) -> Coming | None:
    """`came`: when jobs were enqueued, and how many each stands for. None: nothing comes steadily."""
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
    if sum(part > 0 for part in parts) < STEADY:
        return None
    return Coming(median(parts) * PARTS / window, fmean(runs))

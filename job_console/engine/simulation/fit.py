"""Finds how much larger the bursts of each queue are than its minutes tell, so that the play of recorded days with the
workers of today waits as was observed. What counts cannot say is found in this one number for each queue.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from . import draw, limits, measured
from .draw import Plan
from .load import Load
from .pool import Crew, Pace

#: Waits shorter than this differ by nothing that anybody notices.
_SLIGHT_S = 0.25
_COARSE = (0.0, 0.25, 1.0, 4.0, 16.0, 64.0)
_FINER = ((0.5, 0.71, 1.41, 2.0), (0.84, 1.19))
#: The 90th percentile is the one that is told as checked. The median jumps where about half of the jobs wait at all.
_WEIGHTS = {"p50": 0.3, "p90": 3.0, "p99": 1.0}
_SEED = 20
#: What another size must explain for each doubling, so that chance is not taken for bursts: the less, the more jobs
#: were observed.
_RELUCTANCE = 8.0


def fitted(load: Load, plan: Plan, crew: Crew, pace: Pace, most_jobs: int) -> Plan:
    """`plan` with the bursts that fit best."""
    hours = windows(load, most_jobs)
    known = {lane: _observed(load, lane, hours) for lane in load.lanes}
    for lane in sorted(known, key=lambda lane: -sum(known[lane].values())):
        runs = sum(known[lane].values())
        if runs >= limits.RUNS_TO_FIT:
            target = measured.observed(known[lane])
            plan = _of_lane(_Trial(load, crew, pace, hours, lane, target, runs), plan)
    return plan


@dataclass(frozen=True, slots=True)
class _Trial:
    load: Load
    crew: Crew
    pace: Pace
    hours: Sequence[Sequence[int]]
    lane: str
    target: measured.Percentiles
    observed: int

    def error(self, plan: Plan, scale: float) -> float:
        plan = replace(plan, bursts={**plan.bursts, self.lane: scale})
        drawn = [draw.jobs(self.load, plan, each, Random(_SEED)) for each in self.hours]
        found = measured.days(drawn, self.crew, len(plan.lanes), self.pace, [len(each) for each in self.hours])
        off = _error(found.waits[plan.lanes.index(self.lane)], self.target)
        return off + _RELUCTANCE / math.sqrt(self.observed) * abs(math.log2(max(scale, 0.125)))


def _of_lane(trial: _Trial, plan: Plan) -> Plan:
    best = min((trial.error(plan, scale), scale) for scale in _COARSE)
    for finer in _FINER if best[1] else ():
        best = min(best, *((trial.error(plan, best[1] * times), best[1] * times) for times in finer))
    return replace(plan, bursts={**plan.bursts, trial.lane: best[1]})


def windows(load: Load, most_jobs: int) -> list[Sequence[int]]:
    """As many of the newest days as have so many jobs; of one that has more its busiest hours in a row."""
    found: list[Sequence[int]] = []
    left = most_jobs
    for day in reversed(load.days):
        jobs = load.jobs(day)
        if jobs > left:
            break
        found.append(day)
        left -= jobs
    return found or [busiest(load, load.days[-1], most_jobs)]


def busiest(load: Load, day: Sequence[int], most_jobs: int) -> Sequence[int]:
    """The hours in a row in which most comes, as many as have no more jobs than that; one at least."""
    length = len(day)
    while length > 1:
        best = max((day[at : at + length] for at in range(len(day) - length + 1)), key=load.jobs)
        if load.jobs(best) <= most_jobs:
            return best
        length -= 1
    return max(([hour] for hour in day), key=load.jobs)


def _observed(load: Load, lane: str, windows: Sequence[Sequence[int]]) -> dict[int, int]:
    return dict(load.waited(lane, [hour for window in windows for hour in window]))


def _error(found: measured.Percentiles, target: measured.Percentiles) -> float:
    return sum(
        weight * abs(math.log(((found[name] or 0.0) + _SLIGHT_S) / ((target[name] or 0.0) + _SLIGHT_S)))
        for name, weight in _WEIGHTS.items()
    )

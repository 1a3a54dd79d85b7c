"""Finds what no count tells, so that the play of recorded days with the workers of today waits as was observed: how
long a worker needs before and after a job, and how much larger the bursts of each queue are than its minutes tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from . import draw, limits, measured
from .draw import Plan
from .load import Load
from .pool import Crew, Pace

#: Waits shorter than this differ by nothing that anybody notices.
_SLIGHT_S = 0.25
#: Where jobs wait for workers in the quiet hours, too, the start of a job is shorter than the shortest waits.
_STARTS = (1.0, 0.3, 0.1, 0.03)
_COARSE = (0.0, 0.25, 1.0, 4.0, 16.0, 64.0)
_FINER = ((0.5, 0.71, 1.41, 2.0), (0.84, 1.19))
#: The 90th percentile is the one that is told as checked. The median jumps where about half of the jobs wait at all.
_WEIGHTS = {"p50": 0.3, "p90": 3.0, "p99": 1.0}
_SEED = 20
#: What another size must explain for each doubling, so that chance is not taken for bursts: the less, the more jobs
#: were observed.
_RELUCTANCE = 8.0


def fitted(load: Load, plan: Plan, crew: Crew, pace: Pace, most_jobs: int) -> tuple[Load, Plan, Pace]:
    """`load` with the starts, `plan` with the bursts and `pace` with the time after a job that fit best."""
    hours = windows(load, most_jobs)
    waited = {lane: load.waited(lane, [hour for window in hours for hour in window]) for lane in load.lanes}
    runs = {lane: sum(histogram.values()) for lane, histogram in waited.items()}
    told = sorted((lane for lane in runs if runs[lane] >= limits.RUNS_TO_TELL), key=lambda lane: -runs[lane])
    trial = _Trial(load, crew, hours, {lane: (runs[lane], measured.observed(waited[lane])) for lane in told})
    if told:
        trial, pace = _started(trial, plan, pace, told)
        scales = ((trial.error(plan, _longer(pace, times), told, times), times) for times in _COARSE if times)
        pace = _longer(pace, min(scales)[1])
    for lane in told:
        if runs[lane] >= limits.RUNS_TO_FIT:
            plan = _of_lane(trial, plan, pace, lane)
    return trial.load, plan, pace


@dataclass(frozen=True, slots=True)
class _Trial:
    load: Load
    crew: Crew
    hours: Sequence[Sequence[int]]
    #: By lane how many waited, and how long.
    observed: Mapping[str, tuple[int, measured.Percentiles]]

    def error(self, plan: Plan, pace: Pace, lanes: Sequence[str], times: float) -> float:
        """How far the play is off in these lanes. `times`: what makes it differ from what is known."""
        drawn = [draw.jobs(self.load, plan, each, Random(_SEED)) for each in self.hours]
        found = measured.days(drawn, self.crew, len(plan.lanes), pace, [len(each) for each in self.hours])
        off = sum(self._off(lane, found.waits[plan.lanes.index(lane)]) for lane in lanes)
        return off + _RELUCTANCE * abs(math.log2(max(times, 0.125)))

    def _off(self, lane: str, found: measured.Percentiles) -> float:
        """Weighs as much as chance weighs less."""
        runs, target = self.observed[lane]
        return math.sqrt(runs) * _error(found, target)


def _started(trial: _Trial, plan: Plan, pace: Pace, lanes: Sequence[str]) -> tuple[_Trial, Pace]:
    def sooner(times: float) -> tuple[_Trial, Pace]:
        starts = tuple(each * times for each in trial.load.start_s)
        return replace(trial, load=replace(trial.load, start_s=starts)), _longer(pace, times)

    def tried(times: float) -> tuple[float, float]:
        played, quicker = sooner(times)
        return played.error(plan, quicker, lanes, times), times

    return sooner(min(map(tried, _STARTS))[1])


def _of_lane(trial: _Trial, plan: Plan, pace: Pace, lane: str) -> Plan:
    def with_bursts(times: float) -> Plan:
        return replace(plan, bursts={**plan.bursts, lane: times})

    def tried(times: float) -> tuple[float, float]:
        return trial.error(with_bursts(times), pace, [lane], times), times

    best = min(map(tried, _COARSE))
    for finer in _FINER if best[1] else ():
        best = min(best, *(tried(best[1] * times) for times in finer))
    return with_bursts(best[1])


def _longer(pace: Pace, times: float) -> Pace:
    return replace(pace, after_s=pace.after_s * times)


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


def _error(found: measured.Percentiles, target: measured.Percentiles) -> float:
    return sum(
        weight * abs(math.log(((found[name] or 0.0) + _SLIGHT_S) / ((target[name] or 0.0) + _SLIGHT_S)))
        for name, weight in _WEIGHTS.items()
    )

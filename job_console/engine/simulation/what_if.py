"""Plays the recorded days of a bench with what it has now, and with what somebody would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from . import draw, fit, limits, measured
from .changes import Changes, Serves
from .draw import Plan
from .due import Due
from .least import Least, Search, numbers
from .limits import Budget
from .load import Load
from .measured import Measured, Percentiles
from .pool import STRATEGIES, Arrival, Pace

#: Plays of all days: of what is and of what would be, and of the crews that a search tries.
_PLAYS, _PLAYS_OF_A_SEARCH = 2, 12


@dataclass(frozen=True, slots=True)
class Lane:
    name: str
    #: Runs that were recorded in it, or of methods that would go there.
    known: int
    observed: Percentiles
    now: Percentiles
    then: Percentiles
    #: Jobs that would come to it, and that nobody would take, in all days.
    jobs: int
    unserved: int

    @property
    def known_enough(self) -> bool:
        return self.known >= limits.RUNS_TO_TELL

    @property
    def alike(self) -> bool:
        """Whether jobs wait in the play, as it is, about as long as was observed. Else it is not played what happens
        there, and what would change is not told either.
        """
        observed, now = self.observed["p90"], self.now["p90"]
        if observed is None or now is None:
            return True
        short, long = sorted((observed, now))
        return long <= limits.UNLIKE * short + limits.SLIGHT_S

    @property
    def telling(self) -> bool:
        return self.known_enough and self.alike


@dataclass(frozen=True, slots=True)
class Answer:
    lanes: tuple[Lane, ...]
    now: Measured
    then: Measured
    days_known: int
    #: How many days were played, how many jobs of them, and how many hours of each.
    days: int
    jobs: int
    hours: int
    least: Least | None = None
    #: What a worker needs to start a job, in the middle.
    start_s: float = limits.START_S


def what_if(
    load: Load,
    crew: Sequence[Serves],
    changes: Changes,
    due: tuple[Due, Due],
    budget: Budget,
    strategy: str = STRATEGIES[0],
) -> Answer | None:
    """None: no whole day is recorded."""
    if not load.days:
        return None
    goal = changes.goal
    lanes = tuple(sorted({*load.lanes, *changes.moved.values(), *([goal.queue] if goal else [])}))
    before, after = due
    pace = Pace(load.after_s, strategy)
    load, plan, pace = fit.fitted(load, Plan(lanes, due=before), numbers(crew, lanes), pace, budget.fit_jobs)
    changed = replace(plan, moved=changes.moved, moved_due=after)
    searched = goal is not None and len(load.days) >= limits.DAYS_TO_KEEP
    windows = chosen(load, budget.jobs // (_PLAYS + _PLAYS_OF_A_SEARCH * searched), searched)
    now_drawn = _drawn(load, plan, windows)
    then_drawn = now_drawn if changed == plan else _drawn(load, changed, windows)
    hours = [len(window) for window in windows]
    now = measured.days(now_drawn, numbers(crew, lanes), len(lanes), pace, hours)
    then = measured.days(then_drawn, numbers(changes.crew, lanes), len(lanes), pace, hours)
    flat = [hour for window in windows[: len(load.days)] for hour in window]
    known = {
        lane: sum(kind.runs for kind in load.kinds.values() if lane in (kind.lane, changes.moved.get(kind.method)))
        for lane in lanes
    }
    told = tuple(
        Lane(
            lane,
            known[lane],
            measured.observed(load.waited(lane, flat)),
            now.waits[number],
            then.waits[number],
            then.jobs[number],
            then.unserved[number],
        )
        for number, lane in enumerate(lanes)
    )
    alike = {lane.name for lane in told if lane.alike}
    return Answer(
        lanes=told,
        now=now,
        then=then,
        days_known=len(load.days),
        days=len(windows),
        jobs=sum(len(day) for day in then_drawn),
        hours=max(hours),
        least=Search(then_drawn, lanes, changes.crew, pace, goal).least()
        if goal and searched and goal.queue in alike
        else None,
        start_s=load.start_s[len(load.start_s) // 2],
    )


def chosen(load: Load, most_jobs: int, many: bool) -> list[Sequence[int]]:
    """The days that are played, the newest first, and again and again; where they have too many jobs only
    the busiest hours of fewer of them."""
    newest = list(reversed(load.days))
    mean = max(sum(map(load.jobs, newest)) / len(newest), 1.0)
    least = limits.DAYS_AT_LEAST if many else min(len(newest), 7)
    count = min(limits.DAYS_PLAYED, max(int(most_jobs / mean), least))
    found: list[Sequence[int]] = [newest[number % len(newest)] for number in range(count)]
    most = most_jobs // count
    return found if mean <= most else [fit.busiest(load, day, most) for day in found]


def _drawn(load: Load, plan: Plan, windows: Sequence[Sequence[int]]) -> list[list[Arrival]]:
    """The same dice for the same day, so that what differs is the change."""
    return [draw.jobs(load, plan, window, Random(number)) for number, window in enumerate(windows)]

"""Days of a bench, simulated: methods with a daily and a weekly rhythm, noise and bursts; lanes that fill and drain.

In steps of ten minutes. What ran is counted as the jobs' hooks count it, hours are the sum of their steps; the window
that ends with each step is compared with past hours as `look.unusual` does it.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from job_console.engine.history import baselines, limits, narrow
from job_console.engine.history.archive import DAY_S, HOUR_S
from job_console.engine.models.lately import LaneLately

STEP_S, MINUTE_S = 600, 60
BEGIN = int(datetime(2026, 9, 7, tzinfo=timezone.utc).timestamp())  # a Monday
QUEUE = "bench:short"


@dataclass(frozen=True)
class Method:
    name: str
    an_hour: float
    median_s: float
    sigma: float
    fails: float = 0.0
    #: At night it has more to do: so many times as long.
    at_night: float = 1.0


@dataclass(frozen=True)
class Fault:
    """From `at` on, for `lasts_s`: a method slower by `slower` or failing by `fails` more; or fewer are drained."""

    at: int
    method: str = ""
    slower: float = 1.0
    fails: float = 0.0
    lane: str = ""
    drains: float = 1.0
    lasts_s: int = 3_600

    def on(self, now: int) -> bool:
        return self.at <= now < self.at + self.lasts_s


@dataclass(frozen=True)
class Lane:
    name: str
    an_hour: float
    drained_a_minute: float
    #: Enqueued at once at each full hour, and at two in the night.
    hourly: int = 0
    nightly: int = 0


@dataclass
class Alarms:
    """What was said: for each thing the ends of the windows in which it was."""

    slower: dict[str, list[int]] = field(default_factory=dict)
    failing_more: dict[str, list[int]] = field(default_factory=dict)
    filling: dict[str, list[int]] = field(default_factory=dict)
    windows: int = 0


def rhythm(now: int) -> float:
    """How busy it is: most at noon, little at night, a fifth at the weekend."""
    hour, weekday = now % DAY_S / HOUR_S, now // DAY_S % 7
    day = 0.15 + 0.85 * max(0.0, math.sin((hour - 6) / 12 * math.pi))
    return day * (0.2 if weekday in (2, 3) else 1.0)  # the epoch began on a Thursday: 2 and 3 are Saturday and Sunday


def poisson(dice: random.Random, mean: float) -> int:
    return max(0, round(dice.gauss(mean, math.sqrt(mean)))) if mean > 30 else _few(dice, mean)


def _few(dice: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


class Days:
    def __init__(
        self, seed: int, methods: list[Method], lanes: list[Lane], days: int, faults: list[Fault] | None = None
    ) -> None:
        self.dice = random.Random(seed)
        self.methods, self.lanes, self.faults = methods, lanes, faults or []
        self.until = BEGIN + days * DAY_S
        self._hours: dict[int, dict[str, dict[str, Counter[str]]]] = {}
        self._steps: dict[int, dict[str, dict[str, Counter[str]]]] = {}
        self._depths: dict[str, dict[int, int]] = {lane.name: {} for lane in lanes}
        self._deepest: dict[str, dict[int, int]] = {lane.name: {} for lane in lanes}
        self._kinds: dict[str, list[int]] = {}
        self._pasts: dict[str, baselines.Pasts] = {}
        self._depth = dict.fromkeys(self._depths, 0)

    def alarms(self, since: int) -> Alarms:
        """What is said in each window that ends after `since`."""
        found = Alarms()
        for now in range(BEGIN, self.until, STEP_S):
            self._step(now)
            if now + STEP_S > since:
                found.windows += 1
                self._judge(now + STEP_S, found)
        return found

    def _step(self, now: int) -> None:
        rows = self._steps[now] = {method.name: {QUEUE: self._count(method, now)} for method in self.methods}
        hour = self._hours.setdefault(now // HOUR_S * HOUR_S, {})
        for name, lanes in rows.items():
            hour.setdefault(name, {QUEUE: Counter()})[QUEUE].update(lanes[QUEUE])
        for lane in self.lanes:
            for minute in range(now, now + STEP_S, MINUTE_S):
                self._drain(lane, minute)
        self._steps.pop(now - HOUR_S, None)

    def _count(self, method: Method, now: int) -> Counter[str]:
        dice, fails, median_s = self.dice, method.fails, method.median_s
        for fault in self.faults:
            if fault.method == method.name and fault.on(now):
                fails, median_s = fails + fault.fails, median_s * fault.slower
        if now % DAY_S < 5 * HOUR_S:
            median_s *= method.at_night
        burst = 6 if dice.random() < 0.01 else 1
        runs = poisson(dice, burst * method.an_hour * STEP_S / HOUR_S * rhythm(now) * math.exp(dice.gauss(0, 0.2)))
        failed = sum(dice.random() < fails for _ in range(runs)) if fails else 0
        middle = math.log(median_s) + dice.gauss(0, 0.08)  # the machine has better and worse minutes
        found = Counter(f"R{narrow.bucket(math.exp(dice.gauss(middle, method.sigma)))}" for _ in range(runs - failed))
        found.update({"k": runs - failed, "f": failed})
        return found

    def _drain(self, lane: Lane, minute: int) -> None:
        dice, drains = self.dice, lane.drained_a_minute
        for fault in self.faults:
            if fault.lane == lane.name and fault.on(minute):
                drains *= fault.drains
        came = poisson(dice, lane.an_hour / 60 * rhythm(minute))
        came += lane.hourly if minute % HOUR_S == 0 else 0
        came += lane.nightly if minute % DAY_S == 2 * HOUR_S else 0
        came += 200 if dice.random() < 3 / 1440 else 0  # somebody's bulk update, thrice a day
        depth = max(0, self._depth[lane.name] + came - poisson(dice, drains))
        self._depth[lane.name] = self._depths[lane.name][minute] = depth
        hour = minute // HOUR_S * HOUR_S
        self._deepest[lane.name][hour] = max(self._deepest[lane.name].get(hour, 0), depth)
        self._depths[lane.name].pop(minute - HOUR_S, None)

    def _pasts_of(self, method: str) -> baselines.Pasts:
        if method not in self._pasts:
            self._pasts[method] = baselines.pasts_of(method, self._hours, self._kinds, "")
        return self._pasts[method]

    def _judge(self, end: int, found: Alarms) -> None:
        kinds = baselines.pasts(end)
        window = [self._steps[start] for start in range(end - limits.LATELY_S, end, STEP_S) if start in self._steps]
        if kinds != self._kinds:
            self._kinds, self._pasts = kinds, {}
        for each in baselines.lately(window, self._pasts_of, ""):
            if baselines.slower(each):
                found.slower.setdefault(each.method, []).append(end)
            if baselines.fails_more(each):
                found.failing_more.setdefault(each.method, []).append(end)
        for lane in self.lanes:
            deepest = self._deepest[lane.name]
            pasts = [
                baselines.past(kind, [deepest[hour] for hour in hours if hour in deepest])
                for kind, hours in kinds.items()
            ]
            minutes = range(end - limits.LATELY_S, end, MINUTE_S)
            depths = tuple((_utc(each), self._depths[lane.name].get(each, 0)) for each in minutes)
            lately = LaneLately(lane.name, depths, tuple(each for each in pasts if each))
            if baselines.fills(lately, depths[-1][1]):
                found.filling.setdefault(lane.name, []).append(end)


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def episodes(ends: Mapping[str, list[int]]) -> Iterator[tuple[str, int]]:
    """Each thing, and when it was first said; said again within an hour it is the same."""
    for name, several in ends.items():
        last = -HOUR_S
        for end in several:
            if end - last > HOUR_S:
                yield name, end
            last = end

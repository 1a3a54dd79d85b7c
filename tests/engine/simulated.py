"""A bench whose workers, jobs and time are all made up: what a look would see of it at any moment, and what came then.

The dice are seeded. It shares no code with what is tested but the buckets of the statistics, the sampled places, and
what measures the gaps between runs, which is thereby tested too.
"""

from __future__ import annotations

import math
import random
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from job_console.engine.history import statistics as counted
from job_console.engine.look import limits as look_limits
from job_console.engine.look.expected import forecast
from job_console.engine.look.expected.arrivals import arrivals
from job_console.engine.look.expected.gaps import Gaps, of_ended
from job_console.engine.look.expected.pace_reader import sampled_places
from job_console.engine.models.bench import Bench, Counts, Lane, Usual
from job_console.engine.models.expected import Arrivals, Expected, Pace, Sampled, Waits
from job_console.engine.models.jobs import Call, Job
from job_console.engine.models.policies import Limit, Policy
from job_console.engine.models.policy_match import Policies, PolicySet
from job_console.engine.models.progress import PLACE, Parked, Progress
from job_console.engine.models.workers import Worker

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
SITE = "a.localhost"
#: What tells how fast work goes is read this often.
PACED_EVERY_S = 2.0
#: For so many seconds the weather stays much the same.
_WEATHER_S = 20.0


@dataclass(frozen=True)
class Mix:
    """`work`: by lane methods and how many of all; `methods`: median seconds and scatter. `jobs`: by lane, at once."""

    crew: Sequence[tuple[str, ...]]
    work: Mapping[str, Mapping[str, int]]
    methods: Mapping[str, tuple[float, float]]
    jobs: Mapping[str, int]
    gap_s: float = 0.05
    #: Runs that the statistics have counted of each method.
    history: int = 200
    ordered: bool = True
    #: How far the gaps between runs drift, in the course of minutes, with what else the machine does.
    weather: float = 0.0
    #: By method: how many may run at once.
    limits: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Task:
    id: str
    lane: str
    method: str
    lasts: float
    came: float = 0.0
    started: float = -1.0
    hand: str = ""
    #: A place is kept for it.
    has_place: bool = False


@dataclass
class _Hand:
    name: str
    lanes: tuple[str, ...]
    task: _Task | None = None
    free_at: float = 0.0
    ended: int = 0
    worked: float = 0.0


@dataclass
class Said:
    lane: str
    method: str
    ahead: int
    expected: Expected | None
    real_s: float


@dataclass
class Simulated:
    mix: Mix
    seed: int
    now: float = 0.0
    said: list[tuple[_Task, float, int, Expected | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.hands = [_Hand(f"w{n}", lanes) for n, lanes in enumerate(self.mix.crew)]
        self.waiting: dict[str, deque[_Task]] = {lane: deque() for lane in self.mix.work}
        self.ended: list[_Task] = []
        self.aside: dict[str, deque[_Task]] = {method: deque() for method in self.mix.limits}
        self.gaps, self.weather, self.weather_at = Gaps(), 0.0, 0.0
        #: As a process reads it: beside the looks, not with each.
        self.pace, self.paced_at = Pace(), -math.inf
        self.usual = {method: self._history(method) for method in self.mix.methods} if self.mix.history else {}
        self.made = 0

    def lasts(self, method: str) -> float:
        seconds, scatter = self.mix.methods[method]
        return seconds * self.dice.lognormvariate(0.0, scatter)

    def _history(self, method: str) -> Usual:
        ran = Counter(counted.bucket(self.lasts(method)) for _ in range(self.mix.history))
        middle, most = counted.percentile(ran, 0.5), counted.percentile(ran, 0.99)
        return Usual(self.mix.history, middle, most, 0.1, buckets=tuple(sorted(ran.items())))

    def enqueue(self, share: float = 1.0) -> None:
        lanes = [lane for lane, count in self.mix.jobs.items() for _ in range(round(count * share))]
        self.dice.shuffle(lanes)
        for lane in lanes:
            work = self.mix.work[lane]
            (method,) = self.dice.choices(list(work), list(work.values()))
            self.made += 1
            self.waiting[lane].append(_Task(f"j{self.made}", lane, method, self.lasts(method), self.now))

    def run(self, until: float) -> None:
        """Workers do what RQ's do until then."""
        while True:
            hand = min(self.hands, key=lambda each: each.free_at)
            if hand.free_at > until:
                break
            self.now = hand.free_at
            self._next(hand)
        self.now = until

    def _next(self, hand: _Hand) -> None:
        if hand.task is not None:
            self._end(hand, hand.task)
        full = [lane for lane in hand.lanes if self.waiting[lane]]
        if not full:
            hand.free_at = self.now + 0.01
            return
        lane = full[0] if self.mix.ordered else self.dice.choice(full)
        task = self.waiting[lane].popleft()
        started = self.now + self._gap()
        if task.method in self.mix.limits and not task.has_place and not self._free(task.method):
            self.aside[task.method].append(task)
            hand.free_at = started
            return
        hand.task, task.started, task.hand, task.has_place = task, started, hand.name, True
        hand.free_at = started + task.lasts

    def _end(self, hand: _Hand, task: _Task) -> None:
        self.ended.append(task)
        hand.task, hand.ended, hand.worked = None, hand.ended + 1, hand.worked + task.lasts
        if self.aside.get(task.method):
            next_one = self.aside[task.method].popleft()
            next_one.has_place = True
            self.waiting[next_one.lane].appendleft(next_one)

    def _free(self, method: str) -> bool:
        running = [hand.task for hand in self.hands if hand.task]
        has_place = [*running, *(task for waiting in self.waiting.values() for task in waiting if task.has_place)]
        return sum(task.method == method for task in has_place) < self.mix.limits[method]

    def _gap(self) -> float:
        """A few are much longer than the others."""
        fades = math.exp(-(self.now - self.weather_at) / _WEATHER_S)
        scatter = self.mix.weather * math.sqrt(1 - fades**2)
        self.weather, self.weather_at = self.weather * fades + self.dice.gauss(0.0, scatter), self.now
        return self.mix.gap_s * math.exp(self.weather) * (0.6 + self.dice.expovariate(1 / 0.4))

    @property
    def at(self) -> datetime:
        return NOW + timedelta(seconds=self.now)

    def look(self) -> Bench:
        lanes = tuple(self._lane(name, list(waiting)) for name, waiting in self.waiting.items())
        doing = [hand.task for hand in self.hands if self._runs(hand)]
        held = {task.id: self._job(task, "started") for task in doing if task}
        workers = tuple(self._worker(hand) for hand in self.hands)
        policies = [Policy(each, "method", each, limit=Limit(runs, "bench")) for each, runs in self.mix.limits.items()]
        bench = Bench(
            self.at, lanes, workers, held=held, usual=self.usual, policies=Policies({SITE: PolicySet(policies)})
        )
        if self.now - self.paced_at >= PACED_EVERY_S:
            self.gaps.look(bench)
            self.pace, self.paced_at = self._pace(), self.now
        return replace(bench, pace=self.pace)

    def _worker(self, hand: _Hand) -> Worker:
        """Between two runs it is busy, and names no job."""
        job_id = hand.task.id if hand.task and self._runs(hand) else None
        state = "busy" if hand.task else "idle"
        return Worker(hand.name, state, hand.lanes, job_id, jobs_ended=hand.ended, worked_s=hand.worked)

    def _runs(self, hand: _Hand) -> bool:
        return hand.task is not None and hand.task.started <= self.now

    def _lane(self, name: str, waiting: Sequence[_Task]) -> Lane:
        head = tuple(self._job(task, "queued") for task in waiting[: look_limits.HEAD_ROWS])
        aside = [task for tasks in self.aside.values() for task in tasks if task.lane == name]
        oldest = min((NOW + timedelta(seconds=task.came) for task in waiting), default=None)
        rows = tuple(self._parked(task) for task in aside[: look_limits.PARKED_ROWS])
        return Lane(name, Counts(queued=len(waiting)), head=head, oldest_enqueued_at=oldest, parked=rows)

    def _parked(self, task: _Task) -> Job:
        waits = Parked("its policy", self.at, "", PLACE, f"*:method:{task.method}")
        return replace(self._job(task, "scheduled"), progress=Progress(0.0, parked=waits))

    def _job(self, task: _Task, status: str) -> Job:
        started = NOW + timedelta(seconds=task.started) if status == "started" else None
        return Job(task.id, task.lane, status, self._call(task.method), started_at=started, timeout_s=300)

    @staticmethod
    def _call(method: str) -> Call:
        return Call(method, method, "method", SITE)

    def _pace(self) -> Pace:
        sampled = {
            lane: Sampled(
                len(tasks), tuple((place, self._call(tasks[place].method)) for place in sampled_places(len(tasks)))
            )
            for lane, tasks in ((lane, list(waiting)) for lane, waiting in self.waiting.items())
        }
        runs: dict[str, list[float]] = {}
        for task in self.ended[-look_limits.PACE_ENDED_KEPT :]:
            runs.setdefault(task.method, []).append(task.lasts)
        lately = {method: tuple(each[-look_limits.PACE_RUNS :]) for method, each in runs.items()}
        unordered = frozenset() if self.mix.ordered else frozenset(self.mix.crew)
        waits = {
            f"*:method:{each}": Waits(len(tasks), self.mix.limits[each]) for each, tasks in self.aside.items() if tasks
        }
        lately_ended = [self._ended(task) for task in self.ended[-look_limits.PACE_ENDED :]]
        gap = self.gaps.read(self.at) or of_ended(lately_ended, NOW)
        by_lane = {lane: [task for task in self.ended if task.lane == lane] for lane in self.waiting}
        ran = {lane: tuple(task.lasts for task in tasks[-look_limits.PACE_LATELY :]) for lane, tasks in by_lane.items()}
        return Pace(sampled, lately, ran, gap, unordered, self._arrivals(by_lane), waits)

    def _arrivals(self, ended: Mapping[str, Sequence[_Task]]) -> dict[str, Arrivals]:
        found = {}
        for lane, tasks in ended.items():
            came = [(NOW + timedelta(seconds=task.came), 1.0) for task in (*tasks, *self.waiting[lane])]
            comes = arrivals(came, [task.lasts for task in tasks], self.at)
            if comes is not None:
                found[lane] = comes
        return found

    def _ended(self, task: _Task) -> Job:
        came, started = NOW + timedelta(seconds=task.came), NOW + timedelta(seconds=task.started)
        job = replace(self._job(task, "finished"), enqueued_at=came, started_at=started, worker=task.hand)
        return replace(job, ended_at=started + timedelta(seconds=task.lasts))

    def ask(self, count: int) -> None:
        """About so many of those that wait, wherever they stand."""
        bench = self.look()
        everyone = [(task, place) for waiting in self.waiting.values() for place, task in enumerate(waiting)]
        for task, ahead in self.dice.sample(everyone, min(count, len(everyone))):
            lane = bench.lane(task.lane)
            assert lane is not None
            self.said.append((task, self.now, ahead, forecast.start(bench, lane, ahead, (), self._call(task.method))))

    def reported(self) -> Iterator[Said]:
        for task, at, ahead, expected in self.said:
            yield Said(task.lane, task.method, ahead, expected, task.started - at)

    @property
    def busy(self) -> bool:
        return any(self.waiting.values()) or any(self.aside.values())

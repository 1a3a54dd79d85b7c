"""A bench whose workers, jobs and time are all made up: what a look would see of it at any moment, and what came then.

The dice are seeded. It shares no code with what is tested but the buckets of the statistics and the sampled places.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from statistics import median

from job_console.engine.history import statistics as counted
from job_console.engine.look import limits as look_limits
from job_console.engine.look.expected import foresee
from job_console.engine.look.expected.reading import places
from job_console.engine.models.bench import Bench, Counts, Lane, Usual, Worker
from job_console.engine.models.expected import Expected, Pace, Sampled
from job_console.engine.models.jobs import Call, Job

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)


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


@dataclass
class _Task:
    id: str
    lane: str
    method: str
    lasts: float
    started: float = -1.0


@dataclass
class _Hand:
    name: str
    lanes: tuple[str, ...]
    task: _Task | None = None
    free_at: float = 0.0


@dataclass
class Said:
    lane: str
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
            self.waiting[lane].append(_Task(f"j{self.made}", lane, method, self.lasts(method)))

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
            self.ended.append(hand.task)
            hand.task = None
        full = [lane for lane in hand.lanes if self.waiting[lane]]
        if not full:
            hand.free_at = self.now + 0.01
            return
        lane = full[0] if self.mix.ordered else self.dice.choice(full)
        hand.task = task = self.waiting[lane].popleft()
        task.started = self.now + self.mix.gap_s * self.dice.uniform(0.6, 1.4)
        hand.free_at = task.started + task.lasts

    def look(self) -> Bench:
        lanes = tuple(self._lane(name, list(waiting)) for name, waiting in self.waiting.items())
        doing = [hand.task for hand in self.hands]
        held = {task.id: self._job(task, "started") for task in doing if task}
        workers = tuple(
            Worker(hand.name, "busy" if hand.task else "idle", hand.lanes, hand.task.id if hand.task else None)
            for hand in self.hands
        )
        return Bench(NOW, lanes, workers, held=held, usual=self.usual, pace=self._pace())

    def _lane(self, name: str, waiting: Sequence[_Task]) -> Lane:
        head = tuple(self._job(task, "queued") for task in waiting[: look_limits.HEAD_ROWS])
        return Lane(name, Counts(queued=len(waiting)), head=head)

    def _job(self, task: _Task, status: str) -> Job:
        started = NOW - timedelta(seconds=self.now - task.started) if status == "started" else None
        return Job(
            task.id, task.lane, status, Call(task.method, task.method, "method"), started_at=started, timeout_s=300
        )

    def _pace(self) -> Pace:
        sampled = {
            lane: Sampled(len(tasks), tuple((place, tasks[place].method) for place in places(len(tasks))))
            for lane, tasks in ((lane, list(waiting)) for lane, waiting in self.waiting.items())
        }
        runs: dict[str, list[float]] = {}
        for task in self.ended[-look_limits.PACE_ENDED_KEPT :]:
            runs.setdefault(task.method, []).append(task.lasts)
        lately = {method: tuple(each[-look_limits.PACE_RUNS :]) for method, each in runs.items()}
        unordered = frozenset() if self.mix.ordered else frozenset(self.mix.crew)
        return Pace(sampled, lately, self.mix.gap_s, unordered)

    def ask(self, count: int) -> None:
        """About so many of those that wait, wherever they stand."""
        bench = self.look()
        everyone = [(task, place) for waiting in self.waiting.values() for place, task in enumerate(waiting)]
        for task, ahead in self.dice.sample(everyone, min(count, len(everyone))):
            lane = bench.lane(task.lane)
            assert lane is not None
            self.said.append((task, self.now, ahead, foresee.start(bench, lane, ahead, ())))

    def reported(self) -> Iterator[Said]:
        for task, at, ahead, expected in self.said:
            yield Said(task.lane, ahead, expected, task.started - at)

    @property
    def busy(self) -> bool:
        return any(self.waiting.values())


def play(mix: Mix, seed: int, asked: int = 8, every_s: float | None = None) -> list[Said]:
    """Three bursts, each of them asked about on its way."""
    bench = Simulated(mix, seed)
    step = every_s or 0.5 * sum(mix.jobs.values()) / 40
    bench.enqueue(0.2)
    while bench.busy:
        bench.run(bench.now + step)
    for _ in range(3):
        bench.enqueue(1 / 3)
        for _ in range(5):
            bench.ask(asked)
            bench.run(bench.now + step)
    while bench.busy:
        bench.ask(asked)
        bench.run(bench.now + step)
    return list(bench.reported())


def figures(said: Sequence[Said], least_s: float = 0.5) -> tuple[float, float, float]:
    """(the share that kept "within", the median error of that figure, and of the other one)."""
    known = [(each, each.expected) for each in said if each.expected is not None]
    kept = sum(each.real_s <= expected.within_s for each, expected in known) / len(known)
    waited = [(each.real_s, expected) for each, expected in known if each.real_s >= least_s]
    return (
        kept,
        median(abs(expected.within_s - real) / real for real, expected in waited),
        median(abs(expected.about_s - real) / real for real, expected in waited),
    )

"""Forecasts when waiting jobs start, from one look at the bench. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import median, pstdev
from threading import Lock

from ...models.bench import Bench, Lane
from ...models.expected import Expected, Gap, Sampled
from ...models.jobs import Call
from ...models.warnings import Warning
from ...models.workers import Worker
from .. import limits
from .arrivals import JOBS
from .bursts import one_more
from .durations import durations, of_methods
from .shared_limits import Limits
from .simulation import Taker, starts
from .waiting_work import NEVER, Kind, Line

#: Nine of ten jobs start within the time that is shown. It is taken from a few more of the simulated rounds, as those
#: are only a sample.
WITHIN = 0.95
#: The same in standard deviations, for when fewer rounds than this were simulated.
SPREAD, FEW = 1.645, 60


def silent(warnings: Iterable[Warning]) -> dict[str, str]:
    """Workers that are expected to take no work: their names, and why."""
    return {
        warning.worker: warning.message
        for warning in warnings
        if warning.code == "worker_stale" and warning.worker and "clock_ahead_s" not in warning.evidence
    }


def with_drains(bench: Bench, warnings: Iterable[Warning]) -> Bench:
    """The bench with a forecast for a job enqueued now, for each lane in which something waits (`Bench.drains`).

    It is worked out when somebody first asks for it: a row of a fleet, a sweep and a list of warnings do without.
    """
    names = [lane.name for lane in bench.lanes if lane.counts.queued and lane.paused is None]
    if bench.suspended or not names:
        return bench
    deaf, one = silent(warnings), Lock()

    @cache
    def drains() -> Mapping[str, Expected]:
        found = _Foresight(bench, deaf).expected({})
        return {name: found[name] for name in names if name in found}

    def drains_once() -> Mapping[str, Expected]:
        with one:  # all viewers of a look ask in the same moment
            return drains()

    return replace(bench, drains=drains_once)


def start(bench: Bench, lane: Lane, ahead: int, deaf: Collection[str], call: Call | None = None) -> Expected | None:
    """When a job starts. `ahead`: how many wait before it in its lane; `deaf`: names of workers that take no work;
    `call`: what the job runs, for concurrency limits. None: there is no estimate.
    """
    if bench.suspended or lane.paused is not None:
        return None
    return _Foresight(bench, deaf).expected({lane.name: ahead}, {lane.name: call} if call else {}).get(lane.name)


#: A look is up to a second old when its forecast is shown.
AGE_S = 0.3
#: States of a job that its worker runs, or has just taken.
_HOLDS = ("started", "queued")


class _Foresight:
    def __init__(self, bench: Bench, deaf: Collection[str]) -> None:
        self.bench = bench
        self.known = of_methods(bench.usual, bench.pace)
        self.workers = [worker for worker in bench.workers if worker.takes_work and worker.name not in deaf]
        listed = {lane.name: lane for lane in bench.lanes}
        served = dict.fromkeys(queue for worker in self.workers for queue in worker.queues)
        self.lanes = [listed.get(name) for name in served]
        self.names = list(served)
        self.lately = {name: durations(None, runs) for name, runs in bench.pace.lately.items()}
        self.gap = bench.pace.gap or Gap(limits.GAP_S, limits.GAP_SCATTER_UNKNOWN)

    def expected(self, ahead: Mapping[str, int], calls: Mapping[str, Call] | None = None) -> dict[str, Expected]:
        """The forecast by lane. `ahead`: how many wait before the job, where that is not the whole lane; `calls`: what
        the job runs.
        """
        calls = calls or {}
        waiting = [
            self._waiting(lane, ahead.get(name, lane.counts.queued if lane and lane.paused is None else 0))
            for name, lane in zip(self.names, self.lanes, strict=True)
        ]
        limited = self._limits(waiting, calls)
        groups = limited.groups()
        lines = [self._line(each, limited, len(groups), calls.get(each.name)) for each in waiting]
        found = starts(lines, [self._taker(worker, limited) for worker in self.workers], self.gap, groups)
        in_bursts = [name for name, line in zip(self.names, lines, strict=True) if line.bursts and line.bursts.pauses_s]
        reported = {
            name: _reported(times, bool({*in_bursts} - {name})) for name, times in zip(self.names, found, strict=True)
        }
        return {name: each for name, each in reported.items() if each is not None}

    def _waiting(self, lane: Lane | None, count: int) -> _Waiting:
        if lane is None or lane.paused is not None:
            return _Waiting("", 0, ())  # nothing is taken from it
        if not count:
            return _Waiting(lane.name, 0, ())
        return _Waiting(lane.name, count, tuple(each for each in _calls(self.bench, lane) if each[0] < count))

    def _limits(self, waiting: Sequence[_Waiting], calls: Mapping[str, Call]) -> Limits:
        limited = Limits(self.bench, self.known)
        for each in waiting:
            for call in filter(None, (call for _place, call in each.calls)):
                limited.count(call, each.name, each.weight)
        for name, call in calls.items():
            limited.count(call, name)
        for worker in self.bench.workers:
            job = self.bench.held.get(worker.job_id or "") if worker.alive else None
            if job is not None and job.status in _HOLDS:
                limited.count_held(job.call, job.queue)
        limited.count_aside(self.lanes)
        return limited

    def _line(self, each: _Waiting, limited: Limits, groups: int, call: Call | None) -> Line:
        arriving = self.bench.pace.arrivals.get(each.name)
        work = [rate * (arriving.mean_s + self.gap.seconds) for rate in arriving.rates] if arriving else []
        known = [
            (place, limited.kind(waits, each.name, each.weight) if waits else Kind(self.lately.get(each.name)))
            for place, waits in each.calls
        ]
        target = limited.of(call, each.name) if call else None
        if arriving is None:
            return Line(each.count, known, groups=groups, target=target)
        bursts, new = arriving.bursts, _new(self.bench, each.name)
        if bursts and new:
            bursts = one_more(bursts, new)
        return Line(each.count, known, work, arriving.part_s, groups, target, bursts, arriving.mean_s)

    def _taker(self, worker: Worker, limited: Limits) -> Taker:
        lines = tuple(self.names.index(queue) for queue in dict.fromkeys(worker.queues))
        ordered = worker.queues not in self.bench.pace.unordered
        job = self.bench.held.get(worker.job_id or "")
        if worker.job_id is None or (job is not None and job.status not in _HOLDS):
            return Taker(lines, ordered=ordered, between=worker.state == "busy")
        if job is None:
            return Taker(lines, busy=True, ordered=ordered)
        most = job.timeout_s if job.timeout_s and job.timeout_s > 0 else None
        ran, group = job.elapsed_s(self.bench.at) or 0.0, limited.of(job.call, job.queue)
        return Taker(lines, True, self.known.get(job.call.method), ran, most, ordered, group)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What waits in a lane before a job: how many, and the calls of those that were read, by their places. A call of
    None: the job arrived too recently to be read.
    """

    name: str
    count: int
    calls: tuple[tuple[int, Call | None], ...]

    @property
    def weight(self) -> float:
        """How many jobs each of the read ones stands for."""
        return self.count / max(len(self.calls), 1)


def _calls(bench: Bench, lane: Lane) -> list[tuple[int, Call | None]]:
    """(place, call) of the rows of a lane's head, of the sampled jobs behind it, and of what arrived since."""
    depth = lane.counts.queued
    found: dict[int, Call | None] = {place: job.call for place, job in enumerate(lane.head)}
    sampled = bench.pace.waiting.get(lane.name) or Sampled(0, ())
    if depth <= len(found):
        return list(found.items())
    grown = bool(bench.pace.lately.get(lane.name)) and depth > limits.PACE_GROWN * max(sampled.of, len(found))
    # What was taken from the head and what was appended since the sample is not known.
    scale = 1.0 if grown else depth / max(sampled.of, 1)
    for place, call in sampled.calls:
        now = int(place * scale)
        if len(lane.head) <= now < depth:
            found.setdefault(now, call)
    if grown:
        first = max(sampled.of, len(lane.head))
        step = max((depth - first) / limits.PACE_GROWN_PARTS, 1.0)
        for part in range(min(limits.PACE_GROWN_PARTS, depth - first)):
            found.setdefault(first + int((part + 0.5) * step), None)
    return sorted(found.items(), key=lambda each: each[0])


def _new(bench: Bench, name: str) -> int:
    """How many came to a lane since it was read what waits there, if that is many."""
    lane, sampled = bench.lane(name), bench.pace.waiting.get(name)
    if lane is None or sampled is None:
        return 0
    new = lane.counts.queued - sampled.of
    return new if new >= JOBS and lane.counts.queued > limits.PACE_GROWN * sampled.of else 0


def _reported(times: list[float], by_bursts: bool) -> Expected | None:
    """`by_bursts`: that may come to other lanes, or not: what is likely lies more to the one side."""
    about, latest = median(times), times[min(int(len(times) * WITHIN), len(times) - 1)]
    if latest == NEVER:
        return None
    if len(times) < FEW:
        # A sum of many jobs from few simulated rounds: a normal distribution fits.
        finite = [at for at in times if at < NEVER]
        spread = about + SPREAD * pstdev(finite)
        latest = max(spread, latest) if by_bursts else spread
    return Expected(about, latest + AGE_S if latest > 0 else latest)

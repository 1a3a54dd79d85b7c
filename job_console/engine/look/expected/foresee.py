"""When waiting work should start, by one look at the bench. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from statistics import median, pstdev

from ...models.bench import Bench, Lane, Worker
from ...models.expected import Expected
from ...models.warnings import Warning
from .. import limits
from .durations import of_methods
from .playing import NEVER, Line, Taker, starts

#: Nine of ten jobs start by the figure that is shown. A few more of the simulated rounds must: they are a sample.
WITHIN = 0.92
#: The same in standard deviations, where fewer rounds than these were played.
SPREAD, FEW = 1.4, 60


def silent(warnings: Iterable[Warning]) -> dict[str, str]:
    """Workers of which no work can be expected, and why: by name."""
    return {
        warning.worker: warning.message
        for warning in warnings
        if warning.code == "worker_stale" and warning.worker and "clock_ahead_s" not in warning.evidence
    }


def with_drains(bench: Bench, warnings: Iterable[Warning]) -> Bench:
    """The bench with what is expected of a job that came to the end of each lane in which something waits."""
    names = [lane.name for lane in bench.lanes if lane.counts.queued and lane.paused is None]
    if bench.suspended or not names:
        return bench
    found = _Foresight(bench, silent(warnings)).expected({})
    return replace(bench, drains={name: found[name] for name in names if name in found})


def start(bench: Bench, lane: Lane, ahead: int, deaf: Collection[str]) -> Expected | None:
    """Of a job with so many before it in its lane. `deaf`: workers of which nothing can be expected."""
    if bench.suspended or lane.paused is not None:
        return None
    return _Foresight(bench, deaf).expected({lane.name: ahead}).get(lane.name)


class _Foresight:
    def __init__(self, bench: Bench, deaf: Collection[str]) -> None:
        self.bench = bench
        self.known = of_methods(bench.usual, bench.pace)
        self.crew = [worker for worker in bench.workers if worker.takes_work and worker.name not in deaf]
        listed = {lane.name: lane for lane in bench.lanes}
        served = dict.fromkeys(queue for worker in self.crew for queue in worker.queues)
        self.lanes = [listed.get(name) for name in served]
        self.names = list(served)

    def expected(self, ahead: Mapping[str, int]) -> dict[str, Expected]:
        """By lane. `ahead`: how many stand before, where that is not all that waits."""
        counts = [
            ahead.get(name, lane.counts.queued if lane and lane.paused is None else 0)
            for name, lane in zip(self.names, self.lanes, strict=True)
        ]
        gap = limits.GAP_S if self.bench.pace.gap_s is None else self.bench.pace.gap_s
        lines = [self._line(lane, count, gap) for lane, count in zip(self.lanes, counts, strict=True)]
        found = starts(lines, [self._taker(worker) for worker in self.crew], gap)
        reported = {name: _reported(times) for name, times in zip(self.names, found, strict=True)}
        return {name: each for name, each in reported.items() if each is not None}

    def _line(self, lane: Lane | None, count: int, gap_s: float) -> Line:
        if lane is None or lane.paused is not None:
            return Line(0, [])
        coming = self.bench.pace.coming.get(lane.name)
        coming_s = coming.rate * (coming.mean_s + gap_s) if coming else 0.0
        methods = _methods(self.bench, lane) if count else []
        return Line(count, [(place, self.known.get(method)) for place, method in methods if place < count], coming_s)

    def _taker(self, worker: Worker) -> Taker:
        lines = tuple(self.names.index(queue) for queue in dict.fromkeys(worker.queues))
        ordered = worker.queues not in self.bench.pace.unordered
        job = self.bench.held.get(worker.job_id or "")
        if worker.state != "busy" and job is None:
            return Taker(lines, ordered=ordered)
        if job is None:
            return Taker(lines, busy=True, ordered=ordered)
        most = job.timeout_s if job.timeout_s and job.timeout_s > 0 else None
        ran = job.elapsed_s(self.bench.at) or 0.0
        return Taker(lines, True, self.known.get(job.call.method), ran, most, ordered)


def _methods(bench: Bench, lane: Lane) -> list[tuple[int, str]]:
    """Places in a lane and the methods there: the rows of its head, and those that were sampled behind it."""
    found = {place: job.call.method for place, job in enumerate(lane.head)}
    sampled = bench.pace.waiting.get(lane.name)
    if sampled is not None and lane.counts.queued > len(found):
        # What was taken from its head since is not known; what came to its end neither.
        scale = lane.counts.queued / max(sampled.of, 1)
        for place, method in sampled.methods:
            now = int(place * scale)
            if len(lane.head) <= now < lane.counts.queued:
                found.setdefault(now, method)
    return sorted(found.items())


def _reported(times: list[float]) -> Expected | None:
    about, latest = median(times), times[min(int(len(times) * WITHIN), len(times) - 1)]
    if latest == NEVER:
        return None
    if len(times) < FEW:
        # Many jobs make it, and few rounds were played: then what is likely lies evenly around the middle.
        finite = [at for at in times if at < NEVER]
        latest = about + SPREAD * pstdev(finite)
    return Expected(about, latest)

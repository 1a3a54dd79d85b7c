"""Measures the time that a worker needs between two runs: RQ's bookkeeping, the end of one process, the next fork.

RQ counts for each worker how many runs have ended and how long they took. For a worker that always had work, the rest
of the time was spent between its runs, however many there were.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import sqrt
from statistics import median

from ...models.bench import Bench
from ...models.expected import Gap
from ...models.jobs import Job
from ...models.workers import Worker
from .. import limits


@dataclass(frozen=True, slots=True)
class _Sight:
    """A worker during a run: when the run began, and how many had ended before."""

    at: datetime
    born_at: datetime | None
    began: datetime
    ended: int
    worked_s: float


@dataclass(frozen=True, slots=True)
class _Interval:
    """The interval between two looks, summed over all workers that always had work."""

    at: datetime
    between_s: float
    runs: int


class Gaps:
    """One per process. Not thread-safe."""

    def __init__(self) -> None:
        self._seen: dict[str, _Sight] = {}
        self._intervals: deque[_Interval] = deque(maxlen=limits.GAP_INTERVALS)

    def look(self, bench: Bench) -> None:
        before, self._seen = self._seen, {}
        full = (lane for lane in bench.lanes if lane.counts.queued and lane.paused is None)
        oldest = {lane.name: lane.oldest_enqueued_at for lane in full}
        between_s, runs = 0.0, 0
        for worker in () if bench.suspended else bench.workers:
            now, then = _sight(bench, worker), before.get(worker.name)
            if then is not None and not _had_work(worker, then, oldest):
                then = None
            if then is not None and now is not None and now.began > then.began:
                # As many runs as gaps: each run with the gap after it.
                passed_s = (now.began - then.began).total_seconds()
                between_s += passed_s - (now.worked_s - then.worked_s)
                runs += now.ended - then.ended
            if (kept := now or then) is not None:
                self._seen[worker.name] = kept
        if runs > 0:
            self._intervals.append(_Interval(bench.at, between_s, runs))

    def read(self, now: datetime) -> Gap | None:
        """The gap in the last `GAP_WINDOW_S`; earlier intervals count only while those have too few runs. None: not
        measured yet.
        """
        chosen: list[_Interval] = []
        runs = 0
        for each in reversed(self._intervals):
            if runs >= limits.GAP_RUNS and (now - each.at).total_seconds() > limits.GAP_WINDOW_S:
                break
            chosen.append(each)
            runs += each.runs
        if runs < limits.PACE_GAPS:
            return None
        mean = max(sum(each.between_s for each in chosen), 0.0) / runs
        return Gap(mean, _scatter(list(self._intervals)))


def _sight(bench: Bench, worker: Worker) -> _Sight | None:
    """None: it is between two runs."""
    job = bench.held.get(worker.job_id or "")
    if (
        not worker.alive
        or job is None
        or job.status != "started"
        or job.started_at is None
        or job.started_at > bench.at
    ):
        return None
    return _Sight(bench.at, worker.born_at, job.started_at, worker.jobs_ended, worker.worked_s)


def _had_work(worker: Worker, then: _Sight, oldest: Mapping[str, datetime | None]) -> bool:
    """Whether the worker always had work since `then`: the oldest job of one of its lanes has waited for longer."""
    waits = [at for name in worker.queues if (at := oldest.get(name)) is not None]
    return worker.alive and worker.born_at == then.born_at and bool(waits) and min(waits) <= then.at


def _scatter(intervals: Sequence[_Interval]) -> float:
    """The scatter over all remembered intervals, since changes over minutes do not show within seconds."""
    if len(intervals) < limits.GAP_SCATTER_OF:
        return limits.GAP_SCATTER_UNSURE
    runs = sum(each.runs for each in intervals)
    mean = max(sum(each.between_s for each in intervals), 1e-6) / runs
    variance = sum(each.runs * (each.between_s / each.runs - mean) ** 2 for each in intervals) / runs
    return min(max(sqrt(variance) / mean, limits.GAP_SCATTER[0]), limits.GAP_SCATTER[1])


def of_ended(ended: Iterable[Job], since: datetime) -> Gap | None:
    """The gap for a process that looks only once: between two runs of one worker, where the second job was already
    waiting when the first one ended.

    `since`: from then on `ended` is complete; before that, a run between two of them may be missing.
    """
    by_worker: dict[str, list[Job]] = {}
    for job in ended:
        if job.worker and job.ended_at and job.ended_at >= since:
            by_worker.setdefault(job.worker, []).append(job)
    gaps = []
    for jobs in by_worker.values():
        jobs.sort(key=lambda job: job.started_at or job.ended_at or 0)
        for first, second in pairwise(jobs):
            if first.ended_at and second.started_at and second.enqueued_at and second.enqueued_at < first.ended_at:
                gaps.append((second.started_at - first.ended_at).total_seconds())
    gaps = [gap for gap in gaps if 0.0 <= gap <= limits.START_S]
    if len(gaps) < limits.PACE_GAPS:
        return None
    # A run in between that failed, or whose result is not kept, would count as a gap.
    most = limits.GAP_OUTLIER * median(gaps)
    usual = [gap for gap in gaps if gap <= most]
    return Gap(sum(usual) / len(usual), limits.GAP_SCATTER_UNSURE)

"""Reads how fast work goes: who waits here and there in the lanes, and what ended lately. Beside the looks.

A constant number of round trips and a bounded number of records, however much waits.
"""

from __future__ import annotations

import random
import statistics
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from ...models.bench import Bench, Lane
from ...models.expected import Coming, Pace, Sampled
from ...models.jobs import Job
from ...redis import keys
from ...redis.link import Redis, pipelined, wrong_type
from ...rq import endings
from ...rq.records import text
from .. import limits
from ..reader import JobReader
from .coming import coming


class PaceReader:
    """One per process. Remembers what ended, so that each ended job is read once. Not thread-safe."""

    def __init__(self, redis: Redis, reader: JobReader) -> None:
        self.redis = redis
        self.reader = reader
        #: Of what waited and was read: its method, and when it came, by id.
        self._known: OrderedDict[str, tuple[str, datetime | None]] = OrderedDict()
        self._ended: OrderedDict[tuple[str, float], Job] = OrderedDict()

    def read(self, bench: Bench) -> Pace:
        lanes = _busiest(bench.lanes)
        if not lanes:
            return Pace()
        looked, samples, registries = self._ids(bench, lanes)
        waiting = list(dict.fromkeys(each for sample in samples for each in sample if each not in self._known))
        ended = [each for each in registries if each not in self._ended]
        jobs = {job.id: job for job in self.reader.read(list(dict.fromkeys([*waiting, *(name for name, _ in ended)])))}
        self._note(waiting, ended, jobs)
        return Pace(
            waiting={
                lane.name: self._sampled(lane, where, ids)
                for lane, where, ids in zip(lanes, looked, samples, strict=True)
            },
            runs=self._runs(),
            gap_s=_gap(self._ended.values()),
            unordered=unordered(bench, self._ended.values()),
            coming=self._coming(bench, dict(zip((lane.name for lane in lanes), samples, strict=True))),
        )

    def _coming(self, bench: Bench, samples: dict[str, list[str]]) -> dict[str, Coming]:
        found = {}
        for name, ids in samples.items():
            lane = bench.lane(name)
            ended = [job for job in self._ended.values() if job.queue == name and job.enqueued_at]
            came = [(job.enqueued_at, 1.0) for job in (*ended, *(lane.head if lane else ())) if job.enqueued_at]
            behind = max((lane.counts.queued if lane else 0) - limits.HEAD_ROWS, 0)
            came += [(at, behind / len(ids)) for each in ids if (at := self._known.get(each, ("", None))[1])]
            each = coming(
                came, [seconds for job in ended if (seconds := job.elapsed_s(bench.at)) is not None], bench.at
            )
            if each is not None:
                found[name] = each
        return found

    def _ids(
        self, bench: Bench, lanes: Sequence[Lane]
    ) -> tuple[list[list[int]], list[list[str]], list[tuple[str, float]]]:
        """One round trip: where was looked in each lane, who stands there; and who ended, with their scores."""
        looked = [places(lane.counts.queued) for lane in lanes]
        asked = endings.windows("finished", bench.at, limits.PACE_ENDED, self.reader.kept.of("finished"))[:-1]
        pipeline = pipelined(self.redis)
        for lane, where in zip(lanes, looked, strict=True):
            for place in where:
                pipeline.lindex(keys.queue(lane.name), place)
            for command, window in asked:
                getattr(pipeline, command)(keys.registry("finished", lane.name), *window)
        answers = iter(pipeline.execute(raise_on_error=False))
        samples: list[list[str]] = []
        ended: list[tuple[str, float]] = []
        for where in looked:
            samples.append([text(each) or "" if not wrong_type(each) else "" for each in _next(answers, len(where))])
            windows = [_whole(each) for each in _next(answers, len(asked)) if not wrong_type(each)]
            ended += endings.entries(windows).items()
        return looked, samples, ended

    def _note(self, waiting: Sequence[str], ended: Sequence[tuple[str, float]], jobs: dict[str, Job]) -> None:
        for job_id in waiting:
            if job_id in jobs and jobs[job_id].status != "vanished":
                self._known[job_id] = (jobs[job_id].call.method, jobs[job_id].enqueued_at)
        for key in ended:
            job = jobs.get(key[0])
            if job is not None and job.status == "finished" and job.started_at and job.ended_at:
                self._ended[key] = job
        _cut(self._known, limits.PACE_WAITING_KEPT)
        _cut(self._ended, limits.PACE_ENDED_KEPT)

    def _sampled(self, lane: Lane, places: Sequence[int], ids: Sequence[str]) -> Sampled:
        found = ((place, self._known.get(job_id)) for place, job_id in zip(places, ids, strict=True))
        return Sampled(lane.counts.queued, tuple((place, known[0]) for place, known in found if known))

    def _runs(self) -> dict[str, tuple[float, ...]]:
        found: dict[str, deque[float]] = {}
        for job in self._ended.values():
            if job.started_at and job.ended_at:
                runs = found.setdefault(job.call.method, deque(maxlen=limits.PACE_RUNS))
                runs.append(max((job.ended_at - job.started_at).total_seconds(), 0.0))
        return {method: tuple(runs) for method, runs in found.items()}


def _busiest(lanes: Iterable[Lane]) -> list[Lane]:
    """While something waits in any: those in which it waits, or to which it may come; of very many the fullest."""
    found = [lane for lane in lanes if not lane.broken]
    if not any(lane.counts.queued for lane in found):
        return []
    return sorted(found, key=lambda lane: -lane.counts.queued)[: limits.PACE_LANES]


def places(depth: int) -> list[int]:
    """All of a short lane; of a longer one a random place in each of so many equal parts, which no pattern of what
    was enqueued can fool. The head's rows are in every look."""
    behind = depth - limits.HEAD_ROWS
    if behind <= limits.PACE_SAMPLES:
        return list(range(limits.HEAD_ROWS, depth))
    dice, part = random.Random(depth), behind / limits.PACE_SAMPLES  # noqa: S311  samples, no secrets
    return [limits.HEAD_ROWS + int((number + dice.random()) * part) for number in range(limits.PACE_SAMPLES)]


def _whole(window: Sequence[tuple[Any, float]]) -> list[tuple[Any, float]]:
    """Without the last second of a window that goes on: scores are whole seconds, and of those of one RQ's order is
    that of their ids."""
    if len(window) < limits.PACE_ENDED:
        return list(window)
    whole = [entry for entry in window if entry[1] > window[-1][1]]
    return whole or list(window)


def _next(answers: Any, count: int) -> list[Any]:
    return [next(answers) for _ in range(count)]


def _cut(kept: OrderedDict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


def _gap(ended: Iterable[Job]) -> float | None:
    """Between two jobs of one worker, of which the second one waited already when the first one ended."""
    by_worker: dict[str, list[Job]] = {}
    for job in list(ended)[-limits.PACE_GAPS_OF :]:
        if job.worker:
            by_worker.setdefault(job.worker, []).append(job)
    gaps = []
    for jobs in by_worker.values():
        jobs.sort(key=lambda job: job.started_at or job.ended_at or 0)
        for first, second in pairwise(jobs):
            if first.ended_at and second.started_at and second.enqueued_at and second.enqueued_at < first.ended_at:
                gaps.append((second.started_at - first.ended_at).total_seconds())
    gaps = sorted(gap for gap in gaps if 0.0 <= gap <= limits.START_S)
    if len(gaps) < limits.PACE_GAPS:
        return None
    # Where one between them is not known, the gap holds a whole run: most are shorter than that.
    short = gaps[len(gaps) // 4]
    return statistics.fmean(gap for gap in gaps if gap <= 3 * short)


def unordered(bench: Bench, ended: Iterable[Job]) -> frozenset[tuple[str, ...]]:
    """By what stands in an earlier lane and stood there already when a later lane's job was taken."""
    oldest = {
        lane.name: min((job.enqueued_at for job in lane.head if job.enqueued_at), default=None)
        for lane in bench.lanes
        if lane.counts.queued
    }
    workers = {worker.name: worker for worker in bench.workers if len(worker.queues) > 1}
    found = set()
    for job in (*ended, *bench.held.values()):
        worker = workers.get(job.worker or "")
        if worker is None or job.started_at is None or job.queue not in worker.queues:
            continue
        earlier = [oldest.get(name) for name in worker.queues[: worker.queues.index(job.queue)]]
        waited = (at for at in earlier if at is not None)
        if any((job.started_at - at).total_seconds() > limits.START_S for at in waited):
            found.add(worker.queues)
    return frozenset(found)

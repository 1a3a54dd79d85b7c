"""Reads how fast the bench works: samples of what waits in each lane, and what ended lately. It runs between the looks.

It takes a constant number of round trips and reads a bounded number of records, however much waits.
"""

from __future__ import annotations

import random
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...concurrency import places
from ...models.bench import Bench, Lane
from ...models.expected import Arrivals, Gap, Pace, Sampled, Waits
from ...models.jobs import Call, Job
from ...redis import keys
from ...redis.link import Redis, pipelined, wrong_type
from ...rq import endings
from ...rq.records import number, text
from .. import limits
from ..reader import JobReader
from .arrivals import arrivals
from .gaps import Gaps, of_ended


class PaceReader:
    """One per process. Remembers what ended, so that each ended job is read once. Not thread-safe."""

    def __init__(self, redis: Redis, reader: JobReader) -> None:
        self.redis = redis
        self.reader = reader
        #: Waiting jobs that were read, by id: the call, and when it was enqueued.
        self._known: OrderedDict[str, tuple[Call, datetime | None]] = OrderedDict()
        self._ended: OrderedDict[tuple[str, float], Job] = OrderedDict()
        self._gaps = Gaps()

    def read(self, bench: Bench) -> Pace:
        self._gaps.look(bench)
        lanes = _busiest(bench.lanes)
        if not lanes:
            return Pace()
        looked, samples, windows = self._ids(bench, lanes)
        waiting = list(dict.fromkeys(each for sample in samples for each in sample if each not in self._known))
        ended = [each for window in windows for each in window.entries if each not in self._ended]
        jobs = {job.id: job for job in self.reader.read(list(dict.fromkeys([*waiting, *(name for name, _ in ended)])))}
        self._note(waiting, ended, jobs)
        return Pace(
            waiting={
                lane.name: self._sampled(lane, where, ids)
                for lane, where, ids in zip(lanes, looked, samples, strict=True)
            },
            runs=_seconds(self._ended.values(), lambda job: job.call.method, limits.PACE_RUNS),
            lately=_seconds(self._ended.values(), lambda job: job.queue, limits.PACE_LATELY),
            gap=self._gap(bench, windows),
            unordered=unordered(bench, self._ended.values()),
            arrivals=self._arrivals(bench, dict(zip((lane.name for lane in lanes), samples, strict=True))),
            places=self._places(lanes),
        )

    def _gap(self, bench: Bench, windows: Sequence[_Window]) -> Gap | None:
        """The gap from the workers' own counters; until two looks have read those, from the runs that ended last."""
        counted = self._gaps.read(bench.at)
        if counted is not None:
            return counted
        jobs = {each: self._ended[each] for window in windows for each in window.entries if each in self._ended}
        cut = ([jobs[each] for each in window.entries if each in jobs] for window in windows if window.goes_on)
        return of_ended(jobs.values(), endings.since_read(cut))

    def _arrivals(self, bench: Bench, samples: dict[str, list[str]]) -> dict[str, Arrivals]:
        found = {}
        for name, ids in samples.items():
            lane = bench.lane(name)
            ended = [job for job in self._ended.values() if job.queue == name and job.enqueued_at]
            came = [(job.enqueued_at, 1.0) for job in (*ended, *(lane.head if lane else ())) if job.enqueued_at]
            behind = max((lane.counts.queued if lane else 0) - limits.HEAD_ROWS, 0)
            came += [(at, behind / len(ids)) for each in ids if (at := self._when(each))]
            each = arrivals(
                came, [seconds for job in ended if (seconds := job.elapsed_s(bench.at)) is not None], bench.at
            )
            if each is not None:
                found[name] = each
        return found

    def _when(self, job_id: str) -> datetime | None:
        known = self._known.get(job_id)
        return known[1] if known else None

    def _places(self, lanes: Sequence[Lane]) -> dict[str, Waits]:
        """One round trip more, where jobs wait for places."""
        waiting = {(name, job.site or "") for lane in lanes for job in lane.parked if (name := places.place_of(job))}
        if not waiting:
            return {}
        asked = sorted(waiting)
        pipeline = pipelined(self.redis)
        for name, site in asked:
            pipeline.zcard(keys.place_waits(name, site))
            pipeline.hget(keys.place_about(name), "runs")
        answers = iter(pipeline.execute(raise_on_error=False))
        found: dict[str, Waits] = {}
        for name, _site in asked:
            count, runs = next(answers), number(next(answers))
            if isinstance(count, int) and runs:
                found[name] = Waits(count + (found[name].count if name in found else 0), int(runs))
        return found

    def _ids(self, bench: Bench, lanes: Sequence[Lane]) -> tuple[list[list[int]], list[list[str]], list[_Window]]:
        """The places that were sampled in each lane, the ids there, and what ended last. One round trip."""
        looked = [sampled_places(lane.counts.queued) for lane in lanes]
        asked = endings.windows("finished", bench.at, limits.PACE_ENDED, self.reader.kept.of("finished"))[:-1]
        pipeline = pipelined(self.redis)
        for lane, where in zip(lanes, looked, strict=True):
            for place in where:
                pipeline.lindex(keys.queue(lane.name), place)
            for command, window in asked:
                getattr(pipeline, command)(keys.registry("finished", lane.name), *window)
        answers = iter(pipeline.execute(raise_on_error=False))
        samples: list[list[str]] = []
        ended: list[_Window] = []
        for where in looked:
            samples.append([text(each) or "" if not wrong_type(each) else "" for each in _next(answers, len(where))])
            ended += [_window(each) for each in _next(answers, len(asked)) if not wrong_type(each)]
        return looked, samples, ended

    def _note(self, waiting: Sequence[str], ended: Sequence[tuple[str, float]], jobs: dict[str, Job]) -> None:
        for job_id in waiting:
            if job_id in jobs and jobs[job_id].status != "vanished":
                self._known[job_id] = (jobs[job_id].call, jobs[job_id].enqueued_at)
        for key in ended:
            job = jobs.get(key[0])
            if job is not None and job.status == "finished" and job.started_at and job.ended_at:
                self._ended[key] = job
        _cut(self._known, limits.PACE_WAITING_KEPT)
        _cut(self._ended, limits.PACE_ENDED_KEPT)

    def _sampled(self, lane: Lane, places: Sequence[int], ids: Sequence[str]) -> Sampled:
        found = ((place, self._known.get(job_id)) for place, job_id in zip(places, ids, strict=True))
        return Sampled(lane.counts.queued, tuple((place, known[0]) for place, known in found if known))


def _seconds(jobs: Iterable[Job], of: Callable[[Job], str], most: int) -> dict[str, tuple[float, ...]]:
    """How many seconds the last runs took, grouped by `of`; at most `most` of each."""
    found: dict[str, deque[float]] = {}
    for job in jobs:
        if job.started_at and job.ended_at:
            runs = found.setdefault(of(job), deque(maxlen=most))
            runs.append(max((job.ended_at - job.started_at).total_seconds(), 0.0))
    return {name: tuple(runs) for name, runs in found.items()}


def _busiest(lanes: Iterable[Lane]) -> list[Lane]:
    """The lanes to sample while a job waits in any of them; of very many, the fullest ones. An empty lane is sampled
    too, since work may arrive there that its workers take first.
    """
    found = [lane for lane in lanes if not lane.broken]
    if not any(lane.counts.queued for lane in found):
        return []
    return sorted(found, key=lambda lane: -lane.counts.queued)[: limits.PACE_LANES]


def sampled_places(depth: int) -> list[int]:
    """The places to read: all of a short lane; in a longer one a random place in each of `PACE_SAMPLES` equal parts, so
    that a pattern in what was enqueued does not bias the sample. The head's rows are in every look.
    """
    behind = depth - limits.HEAD_ROWS
    if behind <= limits.PACE_SAMPLES:
        return list(range(limits.HEAD_ROWS, depth))
    dice, part = random.Random(depth), behind / limits.PACE_SAMPLES  # noqa: S311  samples, no secrets
    return [limits.HEAD_ROWS + int((number + dice.random()) * part) for number in range(limits.PACE_SAMPLES)]


@dataclass(frozen=True, slots=True)
class _Window:
    """What ended last in a lane, with its scores. `goes_on`: earlier ones exist, and were not read."""

    entries: tuple[tuple[str, float], ...]
    goes_on: bool


def _window(members: Sequence[tuple[Any, float]]) -> _Window:
    """Drops the earliest second of a window that goes on: scores are whole seconds, and RQ orders jobs of the same
    second by their ids, so that second may be incomplete.
    """
    goes_on = len(members) >= limits.PACE_ENDED
    whole = [entry for entry in members if entry[1] > members[-1][1]] if goes_on else members
    return _Window(tuple(endings.entries([whole or members]).items()), goes_on)


def _next(answers: Any, count: int) -> list[Any]:
    return [next(answers) for _ in range(count)]


def _cut(kept: OrderedDict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


def unordered(bench: Bench, ended: Iterable[Job]) -> frozenset[tuple[str, ...]]:
    """Workers' lists of lanes that are not served in order: a job waits in an earlier lane that was already there when
    a job of a later lane was taken.
    """
    oldest = {
        lane.name: min((job.enqueued_at for job in lane.head if job.enqueued_at), default=None)
        for lane in bench.lanes
        if lane.counts.queued and lane.paused is None
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

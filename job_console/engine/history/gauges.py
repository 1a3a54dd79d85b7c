"""Depth, longest wait and busy workers of a bench over time: one sample a minute, taken by a sweep and not by the jobs.

Samples of an hour are one hash in Redis; of an hour that is over its summary is put away with the bench's history.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..models.bench import Bench
from ..redis import keys
from ..redis.link import Redis, pipelined
from . import limits

MINUTE_S, HOUR_S = 60, 3600


@dataclass(frozen=True, slots=True)
class Sample:
    """Of one moment; or of several: then how many workers there were on average, and the worst of each lane."""

    busy: float
    workers: float
    #: Depth and longest wait in seconds (None: not known), by lane.
    lanes: Mapping[str, tuple[int, float | None]] = field(default_factory=dict)


def of_bench(bench: Bench) -> Sample:
    alive = [worker for worker in bench.workers if worker.alive]
    waits = {
        lane.name: (bench.at - lane.oldest_enqueued_at).total_seconds()
        if lane.oldest_enqueued_at
        else None
        if lane.counts.queued
        else 0.0
        for lane in bench.lanes
    }
    lanes = {lane.name: (lane.counts.queued, waits[lane.name]) for lane in bench.lanes}
    return Sample(sum(worker.state == "busy" for worker in alive), len(alive), lanes)


def write(redis: Redis, queue_prefix: str, bench: Bench) -> None:
    """The sample of this minute; a second one takes the place of the first. One round trip."""
    now = int(bench.at.timestamp())
    key = keys.gauges(queue_prefix, now // HOUR_S * HOUR_S)
    pipeline = pipelined(redis)
    pipeline.hset(key, str(now // MINUTE_S * MINUTE_S), packed(of_bench(bench)))
    pipeline.expire(key, limits.GAUGES_TTL_S)
    pipeline.execute()


def read(redis: Redis, queue_prefix: str, hours: Sequence[int]) -> dict[int, Sample]:
    """Every sample of these hours, by its minute. One round trip."""
    pipeline = pipelined(redis)
    for hour in hours:
        pipeline.hgetall(keys.gauges(queue_prefix, hour))
    found = {}
    for answer in pipeline.execute():
        for minute, value in answer.items():
            sample = unpacked(value)
            if sample and minute.isdigit():
                found[int(minute)] = sample
    return found


def summary(samples: Iterable[Sample]) -> Sample | None:
    several = list(samples)
    if not several:
        return None
    lanes: dict[str, tuple[int, float | None]] = {}
    for sample in several:
        for lane, (depth, wait) in sample.lanes.items():
            known_depth, known_wait = lanes.get(lane, (0, None))
            waits = [each for each in (known_wait, wait) if each is not None]
            lanes[lane] = max(known_depth, depth), max(waits) if waits else None
    busy, workers = (sum(getattr(each, name) for each in several) / len(several) for name in ("busy", "workers"))
    return Sample(round(busy, 2), round(workers, 2), lanes)


def packed(sample: Sample) -> str:
    lanes = {lane: [depth, wait if wait is None else round(wait, 1)] for lane, (depth, wait) in sample.lanes.items()}
    return json.dumps([sample.busy, sample.workers, lanes], separators=(",", ":"))


def unpacked(value: Any) -> Sample | None:
    """None: not one of ours."""
    try:
        busy, workers, lanes = json.loads(value)
        found = {
            str(lane): (int(depth), None if wait is None else float(wait)) for lane, (depth, wait) in lanes.items()
        }
        return Sample(float(busy), float(workers), found)
    except (ValueError, TypeError, AttributeError):
        return None

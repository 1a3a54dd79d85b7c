"""Of what waits: by method, site and user. Of a long lane a sample, spread over it; the counts are then about so many.

A random place in each of many equal parts, so that no pattern of what was enqueued can fool it. Three round trips at
most, however much waits.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..look.reader import JobReader
from ..models.bench import Lane
from ..models.jobs import Job
from ..redis import keys
from ..redis.link import Redis, pipelined, wrong_type
from ..rq.records import text
from ..scope import Scope
from . import limits

#: How each part is named, and by what.
PARTS: dict[str, Callable[[Job], str | None]] = {
    "method": lambda job: job.call.label,
    "site": lambda job: job.site,
    "user": lambda job: job.call.user,
}


@dataclass(frozen=True, slots=True)
class _Sampled:
    """A job, and for how many it stands."""

    job: Job
    weight: float


def read(
    redis: Redis, reader: JobReader, lanes: Sequence[Lane], scope: Scope, shown: Callable[[str], str]
) -> dict[str, Any]:
    """`exact`: all of them were read. Of other sites' jobs it tells a number only (`elsewhere`). `shown`: a name,
    without what looks like a secret."""
    lanes = [lane for lane in lanes if lane.counts.queued and not lane.broken]
    waiting = sum(lane.counts.queued for lane in lanes)
    places = [_places(lane.counts.queued, waiting) for lane in lanes]
    ids = _ids(redis, lanes, places)
    jobs = {job.id: job for job in reader.read(list(dict.fromkeys(each for found in ids for each in found)))}
    sample = [
        _Sampled(jobs[job_id], lane.counts.queued / len(found))
        for lane, found in zip(lanes, ids, strict=True)
        for job_id in found
        if jobs[job_id].status != "vanished"
    ]
    return to_json(sample, waiting, sum(map(len, places)) == waiting, scope, shown)


def to_json(
    sample: Sequence[_Sampled], waiting: int, exact: bool, scope: Scope, shown: Callable[[str], str]
) -> dict[str, Any]:
    own = [each for each in sample if scope.owns(each.job)]
    return {
        "waiting": waiting,
        "sample": len(sample),
        "exact": exact,
        "elsewhere": _rounded(sum(each.weight for each in sample) - sum(each.weight for each in own), exact),
        "parts": {name: _counted(own, key, exact, shown) for name, key in PARTS.items()},
    }


def _places(depth: int, waiting: int) -> list[int]:
    """So many of a lane as it has of all that waits; of each lane some."""
    count = min(depth, max(limits.COMPOSITION_SAMPLE * depth // waiting, limits.COMPOSITION_LEAST))
    if waiting <= limits.COMPOSITION_SAMPLE or count == depth:
        return list(range(depth))
    dice, part = random.Random(depth), depth / count  # noqa: S311  a sample, no secret
    return [int((number + dice.random()) * part) for number in range(count)]


def _ids(redis: Redis, lanes: Sequence[Lane], places: Sequence[Sequence[int]]) -> list[list[str]]:
    pipeline = pipelined(redis)
    for lane, wanted in zip(lanes, places, strict=True):
        if len(wanted) == lane.counts.queued:
            pipeline.lrange(keys.queue(lane.name), 0, len(wanted) - 1)
        else:
            for place in wanted:
                pipeline.lindex(keys.queue(lane.name), place)
    answers = iter(pipeline.execute(raise_on_error=False))
    found: list[list[str]] = []
    for lane, wanted in zip(lanes, places, strict=True):
        if len(wanted) == lane.counts.queued:
            answer = next(answers)
            members = [] if wrong_type(answer) else answer
        else:
            members = [each for each in (next(answers) for _ in wanted) if not wrong_type(each)]
        found.append([name for each in members if (name := text(each))])
    return found


def _counted(
    sample: Sequence[_Sampled], key: Callable[[Job], str | None], exact: bool, shown: Callable[[str], str]
) -> list[dict[str, Any]]:
    """The most first; what is none of these is left to the total."""
    counts: Counter[str | None] = Counter()
    for each in sample:
        counts[key(each.job)] += each.weight  # type: ignore[assignment]  # Counter adds any number
    return [
        {"name": None if name is None else shown(name), "count": _rounded(count, exact)}
        for name, count in counts.most_common(limits.COMPOSITION_ROWS)
    ]


def _rounded(count: float, exact: bool) -> int:
    """Two figures of what is estimated: more it does not know."""
    if exact or count < 10:
        return round(count)
    step = 10 ** (len(str(int(count))) - 2)
    return int(round(count / step) * step)

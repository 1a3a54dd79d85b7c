"""What the reader of a host measures of the workers there: their memory, and how long the way to Redis takes.

Every few seconds, from /proc, so that no worker does anything for it. Whoever looks reads it together with the worker's
record. Of a worker on a host without a reader nothing is known, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from statistics import median
from time import perf_counter
from typing import Any

from ..models.workers import Measured
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined
from . import limits, process
from .liveness import Note

#: One way to Redis may wait for a processor: the middle one of so many is told.
_TURNS = 3


def ask(pipeline: Pipeline, worker: str) -> None:
    pipeline.get(keys.measured(worker))


def read(answer: Any) -> Measured | None:
    """None: nobody has measured it lately, or what stands there is not ours."""
    try:
        plain = json.loads(answer)
        horse = plain["horse"]
        return Measured(int(plain["worker"]), None if horse is None else int(horse), float(plain["round_trip"]))
    except (ValueError, TypeError, KeyError):
        return None


def publish(redis: Redis, notes: Mapping[str, Note]) -> None:
    """Measure the workers of this host, who are alive: name → who its process is. Four round trips."""
    if not notes:
        return
    round_trip_s = median(_round_trip(redis) for _turn in range(_TURNS))
    pipeline = pipelined(redis)
    for name, note in notes.items():
        found = _measure(note, round_trip_s)
        if found is not None:
            plain = {"worker": found.rss_bytes, "horse": found.horse_rss_bytes, "round_trip": round(round_trip_s, 6)}
            pipeline.set(keys.measured(name), json.dumps(plain, separators=(",", ":")), ex=limits.MEASURED_TTL_S)
    pipeline.execute()


def _round_trip(redis: Redis) -> float:
    began = perf_counter()
    redis.ping()
    return perf_counter() - began


def _measure(note: Note, round_trip_s: float) -> Measured | None:
    """A worker that forks is the parent of the note's process, which is the horse; any other one is that process."""
    has_horse = note.forked and note.parent != 0
    own = _memory(note.parent, note.parent_born) if has_horse else _memory(note.pid, note.born)
    if own is None:
        return None
    return Measured(own, _memory(note.pid, note.born) if has_horse else None, round_trip_s)


def _memory(pid: int, born: int) -> int | None:
    """Of that very process; None: it has ended, or may not be read."""
    return process.memory(pid) if process.born(pid) == born and process.lives(pid) else None

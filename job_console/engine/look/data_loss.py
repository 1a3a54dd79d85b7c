"""Finds out whether Redis has lost data: each process compares a look with its last one.

Redis cannot report a loss, since what it lost is gone together with everything that would tell of it. A look has found
one when the server was restarted or emptied, and knows of fewer sweeps or fewer queues than before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..models.bench import Bench
from ..models.sweeps import Lost
from . import limits


@dataclass(frozen=True, slots=True)
class Picture:
    """What a look leaves to the next one of the same process."""

    at: datetime
    run_id: str | None
    sweeps: int
    lanes: frozenset[str]
    jobs: int


def picture(bench: Bench) -> Picture:
    return Picture(
        bench.at, bench.redis.run_id, bench.memory.sweeps, frozenset(lane.name for lane in bench.lanes), jobs(bench)
    )


def jobs(bench: Bench) -> int:
    """How many jobs the bench holds, without those that expire within minutes (finished, canceled)."""
    counts = (lane.counts for lane in bench.lanes)
    return sum(each.queued + each.started + each.failed + each.deferred + each.scheduled for each in counts)


def lost(before: Picture | None, bench: Bench) -> Lost | None:
    """What was lost since `before`. None: nothing, as far as can be seen."""
    if before is None or (bench.at - before.at).total_seconds() > limits.MEMORY_LOST_S:
        return None
    restarted = None not in (before.run_id, bench.redis.run_id) and before.run_id != bench.redis.run_id
    went_back = bench.memory.sweeps < before.sweeps
    forgotten = bool(before.lanes - {lane.name for lane in bench.lanes})
    if sum((restarted, went_back, forgotten)) < 2:
        return None
    return Lost(bench.at, max(before.jobs - jobs(bench), 0), before.at)


def fresh(found: Lost | None, now: datetime) -> Lost | None:
    """The loss, as long as it is shown (`MEMORY_LOST_S`); None after that."""
    return found if found and 0 <= (now - found.at).total_seconds() <= limits.MEMORY_LOST_S else None

"""Whether Redis still knows what it knew: each process remembers its last look, and compares the sweeps.

Redis cannot report that itself: what was lost is lost with everything else. A look that finds a server that has been
started anew, or emptied, and that knows of fewer sweeps or fewer queues than before, has found a loss.
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
    """All that no time to live takes away within minutes."""
    counts = (lane.counts for lane in bench.lanes)
    return sum(each.queued + each.started + each.failed + each.deferred + each.scheduled for each in counts)


def lost(before: Picture | None, bench: Bench) -> Lost | None:
    """None: nothing is known to be lost since that picture."""
    if before is None or (bench.at - before.at).total_seconds() > limits.MEMORY_LOST_S:
        return None
    restarted = None not in (before.run_id, bench.redis.run_id) and before.run_id != bench.redis.run_id
    went_back = bench.memory.sweeps < before.sweeps
    forgotten = bool(before.lanes - {lane.name for lane in bench.lanes})
    if sum((restarted, went_back, forgotten)) < 2:
        return None
    return Lost(bench.at, max(before.jobs - jobs(bench), 0), before.at)


def fresh(found: Lost | None, now: datetime) -> Lost | None:
    """The loss is shown for an hour."""
    return found if found and 0 <= (now - found.at).total_seconds() <= limits.MEMORY_LOST_S else None

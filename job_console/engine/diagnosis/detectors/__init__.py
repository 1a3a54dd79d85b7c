"""Every detector: a pure function of one look at the bench (its `at` is now) to warnings, one file for each kind of
fault. Offers `findings`; a new detector is added to `DETECTORS`. May import `diagnosis` and what that may, no other
detector's file.

What may be a race between two of RQ's steps sets `needs_proof`; `proof.Proof` then waits for a second look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...models.bench import Bench
from ...models.warnings import Warning
from . import (
    blocked_dependency,
    blocked_schedule,
    broken_key,
    crash_loop,
    duplicated,
    failing_more,
    failure_burst,
    filling,
    ghosts,
    in_limbo,
    killed,
    locks,
    memory_lost,
    missed_run,
    no_workers,
    orphan_id,
    overloaded,
    overrunning,
    paused,
    redis_pressure,
    schedule_failed,
    scheduled_overdue,
    scheduler_down,
    slower,
    starved,
    suspended,
    timeouts,
    undecodable,
    worker_deaf,
    worker_lost,
    worker_stale,
    workers_shrank,
)

Detector = Callable[[Bench], Iterable[Warning]]

DETECTORS: tuple[Detector, ...] = (
    memory_lost.detect,
    redis_pressure.detect,
    suspended.detect,
    paused.detect,
    broken_key.detect,
    scheduler_down.detect,
    no_workers.detect,
    blocked_schedule.detect,
    worker_lost.detect,
    timeouts.detect_past,
    ghosts.detect_started,
    ghosts.detect_queued,
    in_limbo.detect,
    orphan_id.detect,
    undecodable.detect,
    overloaded.detect,
    starved.detect,
    locks.detect_orphaned,
    locks.detect_contended,
    overrunning.detect,
    locks.detect_overheld,
    killed.detect,
    crash_loop.detect,
    failure_burst.detect,
    failing_more.detect,
    schedule_failed.detect,
    slower.detect,
    filling.detect,
    scheduled_overdue.detect,
    blocked_dependency.detect,
    missed_run.detect,
    workers_shrank.detect,
    worker_stale.detect,
    worker_deaf.detect,
    duplicated.detect,
    timeouts.detect_near,
)

_SEVERITIES = ("critical", "warning", "info")


def findings(bench: Bench) -> list[Warning]:
    """What every detector says, the most severe first, the oldest first among equals."""
    found = [warning for detect in DETECTORS for warning in detect(bench)]
    return sorted(found, key=lambda warning: (_SEVERITIES.index(warning.severity), warning.since or bench.at))

"""One fault, one warning: what another warning about the same job, worker, method or lock explains is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..models.warnings import Warning

_STUCK_RUN = ("ghost_queued", "ghost_started", "in_limbo", "worker_lost")
#: Code → the codes that say the same and more.
EXPLAINED_BY: dict[str, tuple[str, ...]] = {
    # A run that stands in a schedule's way: that it does is what matters, and it says why.
    **dict.fromkeys(_STUCK_RUN, ("blocked_schedule",)),
    # One method, and one cause.
    "failing_more": ("crash_loop", "killed", "schedule_failed"),
    "schedule_failed": ("crash_loop", "killed"),
    # Times that a wrong clock wrote.
    "past_timeout": ("blocked_schedule", "worker_stale"),
    "overrunning": ("blocked_schedule", "worker_stale"),
    "timeout_near": ("blocked_schedule", "worker_stale", "overrunning"),
    # The worker that is missed is the one that left a job.
    "workers_shrank": ("worker_lost",),
    # Of a dead worker all connections are gone.
    "worker_deaf": ("worker_lost", "worker_stale", "workers_shrank"),
    # A lock is held for long because of its holder, and waited for because it is held.
    "lock_overheld": ("lock_contended", "lock_orphaned", "worker_lost", "past_timeout", "overrunning"),
    "lock_contended": ("lock_orphaned",),
}
_ALL_LANES = ("lane", "")
#: The same of one lane: why more comes into it than leaves it, or what that has led to.
EXPLAINED_OF_LANE: dict[str, tuple[str, ...]] = {
    "filling": ("no_workers", "suspended", "paused", "broken_key", "workers_shrank", "starved", "overloaded"),
}


def without_consequences(warnings: Iterable[Warning]) -> list[Warning]:
    """Asked of proven warnings only: a cause that is still in doubt explains nothing."""
    warnings = list(warnings)
    reported = {(warning.code, thing) for warning in warnings for thing in (*_about(warning), *_lanes(warning))}
    return [warning for warning in warnings if not any(each in reported for each in _explained_by(warning))]


def _explained_by(warning: Warning) -> Iterator[tuple[str, tuple[str, str]]]:
    for code in EXPLAINED_BY.get(warning.code, ()):
        yield from ((code, thing) for thing in _about(warning))
    for code in EXPLAINED_OF_LANE.get(warning.code, ()):
        yield from ((code, thing) for thing in (*_lanes(warning), _ALL_LANES))


def _lanes(warning: Warning) -> list[tuple[str, str]]:
    """All lanes that it is about."""
    if warning.code == "suspended":
        return [_ALL_LANES]
    return [("lane", str(each)) for each in warning.evidence.get("queues") or [warning.queue] if each]


def _about(warning: Warning) -> list[tuple[str, str]]:
    named = {"job": warning.job_id, "worker": warning.worker, "other": warning.about}
    return [(kind, name) for kind, name in named.items() if name is not None]

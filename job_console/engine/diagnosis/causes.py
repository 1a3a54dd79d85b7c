"""One fault, one warning: what another warning about the same job, worker, method or lock explains is left out."""

from __future__ import annotations

from collections.abc import Iterable

from ..models.warnings import Warning

_STUCK_RUN = ("ghost_queued", "ghost_started", "in_limbo", "worker_lost")
#: Code → the codes that say the same and more.
EXPLAINED_BY: dict[str, tuple[str, ...]] = {
    # A run that stands in a schedule's way: that it does is what matters, and it says why.
    **dict.fromkeys(_STUCK_RUN, ("blocked_schedule",)),
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


def without_consequences(warnings: Iterable[Warning]) -> list[Warning]:
    """Asked of proven warnings only: a cause that is still in doubt explains nothing."""
    warnings = list(warnings)
    reported = {(warning.code, thing) for warning in warnings for thing in _about(warning)}
    return [
        warning
        for warning in warnings
        if not any(
            (code, thing) in reported for code in EXPLAINED_BY.get(warning.code, ()) for thing in _about(warning)
        )
    ]


def _about(warning: Warning) -> list[tuple[str, str]]:
    named = {"job": warning.job_id, "worker": warning.worker, "other": warning.about}
    return [(kind, name) for kind, name in named.items() if name is not None]

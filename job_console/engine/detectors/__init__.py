"""Every detector: a pure function of one look at the bench. Add one here and in its own file.

A detector takes a `Bench` (its `at` is now) and yields `Warning`s. What may be a race between two of RQ's steps sets
`needs_proof`; `proof.Proof` then waits for a second look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..models import Bench, Warning
from . import ghosts, no_workers, orphan_id, suspended, timeouts, worker_lost, worker_stale

Detector = Callable[[Bench], Iterable[Warning]]

DETECTORS: tuple[Detector, ...] = (
    suspended.detect,
    no_workers.detect,
    worker_lost.detect,
    timeouts.detect_past,
    ghosts.detect_started,
    ghosts.detect_queued,
    orphan_id.detect,
    worker_stale.detect,
    timeouts.detect_near,
)

_SEVERITIES = ("critical", "warning", "info")


def findings(bench: Bench) -> list[Warning]:
    """What every detector says, the most severe first, the oldest first among equals."""
    found = [warning for detect in DETECTORS for warning in detect(bench)]
    return sorted(found, key=lambda warning: (_SEVERITIES.index(warning.severity), warning.since or bench.at))

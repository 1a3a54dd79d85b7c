"""When a waiting job should start, and a lane's end be reached: the same figure, from `expected`."""

from __future__ import annotations

from collections.abc import Sequence

from ...look.expected import forecast
from ...models.bench import Bench, Lane
from ...models.expected import Expected
from .case import Case
from .workers import LaneWorker


def expected_start(case: Case, serving: Sequence[LaneWorker], position: int) -> Expected | None:
    """None: it cannot be estimated. `position` 1 is next."""
    if case.lane is None:
        return None
    deaf = {each.worker.name for each in serving if each.silent}
    deaf |= forecast.silent(case.warnings).keys()
    return forecast.start(case.bench, case.lane, position - 1, deaf, case.job.call)


def drain_s(bench: Bench, lane: Lane) -> float | None:
    """Seconds within which a job that came to the end of this lane now would start; None: it cannot be estimated."""
    if not lane.counts.queued:
        takes = bench.serving(lane.name) and not bench.suspended and lane.paused is None
        return 0.0 if takes else None
    found = bench.drains().get(lane.name)
    return found.within_s if found else None

"""`suspended`: workers are told to take no work (`rq suspend`, which Frappe's commands can leave behind).

Wrong if: the key has a time to live and is about to go, or somebody wants it so.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Bench, Remedy, Warning
from .words import many

RESUME = Remedy("resume", "Resume", "Workers take work again at once.")


def detect(bench: Bench) -> Iterator[Warning]:
    if not bench.suspended:
        return
    waiting = sum(lane.counts.queued for lane in bench.lanes)
    yield Warning(
        code="suspended",
        severity="critical",
        message=f"All workers are suspended: they take no work. {many(waiting, 'job')} waiting.",
        evidence={"key": "rq:suspended", "waiting": waiting},
        remedies=(RESUME,),
    )

"""`overloaded`: the lane is near the depth at which `frappe.enqueue` starts to refuse (`QueueOverloaded`).

Frappe 16 refuses at `max_queued_jobs` (500) + 50 for each site of the bench, lane by lane. The host of the engine knows
that depth; where there is none (Frappe 15) or it is not known (the operator console), there is no warning.

Wrong if: the depth was raised after the host read it, or the lane drains faster than work comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench
from ...models.warnings import Warning
from ...wording import many
from .. import limits
from .lane_remedies import MOVE_WAITING, start_line


def detect(bench: Bench) -> Iterator[Warning]:
    for lane in bench.lanes:
        queued = lane.counts.queued
        if not bench.enqueue_limit or queued < limits.OVERLOADED_SHARE * bench.enqueue_limit:
            continue
        refusing = queued >= bench.enqueue_limit
        what = (
            _("new jobs are refused")
            if refusing
            else _("at {wall:,} new ones are refused").format(wall=bench.enqueue_limit)
        )
        yield Warning(
            code="overloaded",
            severity="critical" if refusing else "warning",
            queue=lane.name,
            since=lane.oldest_enqueued_at,
            message=_("{lane} is overloaded: {jobs} waiting, {what}.").format(
                lane=lane.label, jobs=many(queued, _("{count:,} job"), _("{count:,} jobs")), what=what
            ),
            evidence={"waiting": queued, "wall": bench.enqueue_limit, "start": start_line(lane.name)},
            remedies=(MOVE_WAITING,),
            needs_proof=True,
        )

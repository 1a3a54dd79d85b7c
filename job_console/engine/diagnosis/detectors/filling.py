"""`filling`: a lane fills faster than it drains, and is deeper than it ever is at such an hour.

Samples of its depth, one a minute, of the last half hour: each third is deeper than the one before, and now is within
a tenth of the deepest. Past hours say how deep it is usually at most (`history.baselines`). Why is another warning,
where it is known (no worker, a pause, workers that died); then this is not said besides.

Wrong if: somebody enqueued many jobs on purpose, and nobody waits for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...history import baselines
from ...messages import _
from ...models.bench import Bench, Lane
from ...models.lately import LaneLately
from ...models.warnings import Warning
from ...wording import duration, many
from .lane_remedies import MOVE_WAITING, start_line
from .usual import hours


def detect(bench: Bench) -> Iterator[Warning]:
    for each in bench.lately.lanes:
        lane = bench.lane(each.name)
        if lane is not None:
            yield from _of(bench, lane, each)


def _of(bench: Bench, lane: Lane, lately: LaneLately) -> Iterator[Warning]:
    queued = lane.counts.queued
    past = baselines.fills(lately, queued)
    if past is None:
        return
    since, before = lately.depths[0]
    minutes = max((bench.at - since).total_seconds() / 60, 1.0)
    yield Warning(
        code="filling",
        severity="warning",
        queue=lane.name,
        since=since,
        message=_(
            "{lane} fills faster than it drains: {jobs} waiting, {before:,} were it {duration} ago; at most {past:,} "
            "is usual {hour}."
        ).format(
            lane=lane.label,
            jobs=many(queued, _("{count:,} job"), _("{count:,} jobs")),
            before=before,
            duration=duration((bench.at - since).total_seconds()),
            past=round(past.median),
            hour=hours(past.kind),
        ),
        evidence={
            "waiting": queued,
            "before": before,
            "more_a_minute": round((queued - before) / minutes, 1),
            "usual_deepest": round(past.median),
            "compared_with": past.kind,
            "past_hours": past.hours,
            "workers": len(bench.serving(lane.name)),
            "start": start_line(lane.name),
        },
        remedies=(MOVE_WAITING,),
        needs_proof=True,
    )

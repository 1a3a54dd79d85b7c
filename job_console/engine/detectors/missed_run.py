"""`missed_run`: a schedule's due time passed and nothing ran.

Nothing stands in its way and the scheduler ticks, yet there is no run: neither waiting nor running. When the scheduler
itself is down that is the cause to name (`scheduler_down`), not each schedule; when a run is in the way it is
`blocked_schedule`; when one waits in its lane the lane's own warnings say why.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Bench, Warning
from .scheduler_down import why_down
from .schedules import IN_THE_WAY, late
from .words import duration, iso


def detect(bench: Bench) -> Iterator[Warning]:
    schedule = bench.schedule
    if schedule is None or why_down(bench, schedule):
        return
    for entry in late(bench, schedule):
        if entry.job_status in IN_THE_WAY or entry.due_at is None:
            continue
        yield Warning(
            code="missed_run",
            severity="warning",
            queue=entry.queue,
            job_id=entry.job_id or None,
            site=schedule.site,
            since=entry.due_at,
            message=f"{entry.method} was due {duration((bench.at - entry.due_at).total_seconds())} ago, "
            "and nothing ran.",
            evidence={
                "method": entry.method,
                "schedule": entry.record,
                "cron": entry.cron,
                "due_at": iso(entry.due_at),
                "last_at": iso(entry.last_at),
            },
            needs_proof=True,
            about=entry.record,
        )

"""`missed_run`: a schedule's due time passed and nothing ran.

Nothing stands in its way and the scheduler ticks, yet there is no run: neither waiting nor running. When the scheduler
itself is down that is the cause to name (`scheduler_down`), not each schedule; when a run is in the way it is
`blocked_schedule`; when one waits in its lane the lane's own warnings say why.

Wrong if: the run took place and left no trace (its log is not kept, its record expired), or the site's clock moved.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench
from ...models.warnings import Remedy, Warning
from ...wording import duration, iso
from .scheduler_down import why_down
from .schedules import fresh, late

RUN = Remedy("run_schedule", _("Run it now"), _("It is enqueued as the scheduler would have done."), needs_site=True)


def detect(bench: Bench) -> Iterator[Warning]:
    for schedule in fresh(bench):
        for entry in [] if why_down(bench, schedule) else late(bench, schedule):
            due_at = entry.due_at or bench.at
            yield Warning(
                code="missed_run",
                severity="warning",
                queue=entry.queue,
                job_id=entry.job_id or None,
                site=schedule.site,
                since=due_at,
                message=_("{method} was due {duration} ago, and nothing ran.").format(
                    method=entry.method, duration=duration((bench.at - due_at).total_seconds())
                ),
                evidence={
                    "method": entry.method,
                    "schedule": entry.record,
                    "cron": entry.cron,
                    "due_at": iso(entry.due_at),
                    "last_at": iso(entry.last_at),
                    "ticked_at": iso(schedule.ticked_at),
                },
                remedies=(RUN,),
                needs_proof=True,
                about=entry.record,
            )

"""`schedule_failed`: a schedule whose runs usually end well has failed, and has not ended well since.

Frappe swallows what a scheduled job raises, so RQ calls it finished; our hooks in the job know. How its runs usually
end is told by the last four weeks. One that fails every few minutes is `crash_loop`, one that is killed `killed`.

Wrong if: it ended well since on a site whose hooks count nothing. Where the method runs on many sites they are counted
together, so one that has always failed here is told, too, when it ends well elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench
from ...models.lately import ScheduleLately
from ...models.schedule import ScheduleEntry
from ...models.warnings import Warning
from ...wording import duration, many
from .. import limits
from .missed_run import RUN


def detect(bench: Bench) -> Iterator[Warning]:
    for each in bench.lately.schedules:
        if each.well < limits.SCHEDULE_WELL or each.well < limits.SCHEDULE_WELL_SHARE * (each.well + each.failed):
            continue
        entry = _entry(bench, each)
        yield Warning(
            code="schedule_failed",
            severity="warning",
            queue=each.queue,
            job_id=entry.job_id or each.job_id if entry else each.job_id,
            site=each.site,
            since=each.failed_at,
            message=_(
                "The schedule of {method} failed {duration} ago: {kind}. In the last weeks {well:,} of {runs} "
                "ended well."
            ).format(
                method=each.method,
                duration=duration((bench.at - each.failed_at).total_seconds()),
                kind=each.type,
                well=each.well,
                runs=many(each.well + each.failed, _("{count:,} run"), _("{count:,} runs")),
            ),
            evidence={
                "method": each.method,
                "schedule": entry.record if entry else None,
                "type": each.type,
                "newest_error": each.message,
                "newest_at": each.failed_at.isoformat(),
                "well": each.well,
                "failed": each.failed,
                "days": each.days,
            },
            remedies=(RUN,) if entry and entry.job_id else (),
            about=each.method,
        )


def _entry(bench: Bench, lately: ScheduleLately) -> ScheduleEntry | None:
    schedule = bench.schedules.get(lately.site)
    return next((each for each in schedule.entries if each.method == lately.method), None) if schedule else None

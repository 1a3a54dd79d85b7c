"""`blocked_schedule`: a schedule cannot run because its own earlier run stands in its way.

All runs of a schedule have one id, and `frappe.enqueue` refuses it while the record says queued or started ("Skipped
queueing X because it was found in queue", frappe#31325). A ghost's record says that for ever; a run that lost its
worker, or that runs far too long, until somebody acts. A run that merely waits its turn blocks nothing. Where a policy
allows several runs at once, each has an id of its own (`due.run_ids`), and the tick asks for all of them.

A date of its own record stands in its way, too: the next run is counted from the last one (or the creation), and when
that lies in the future, nothing runs before. The warning comes when a run is missed because of it.

Wrong if: the run in its way lives, see `worker_lost` and `ghosts`, or ends by itself before the schedule is due.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _, joined
from ...models.bench import Bench
from ...models.jobs import Job
from ...models.schedule import Schedule, ScheduleEntry
from ...models.warnings import Remedy, Warning
from ...schedule import dated_ahead
from ...wording import duration, iso
from .. import limits
from .ghosts import FREE
from .in_limbo import REQUEUE
from .schedules import grace_s, obstacles
from .timeouts import STOP
from .undecodable import DELETE
from .worker_lost import fail

CORRECT = Remedy(
    "correct_dates",
    _("Count from now"),
    _(
        "Last runs and creations that lie in the future are set to now, of all schedules of this site: each is due at "
        "its next time. Nothing is enqueued by it."
    ),
    needs_site=True,
)
PAUSE = Remedy("pause_schedule", _("Pause it"), _("The scheduler passes it over until it is resumed."), needs_site=True)


def detect(bench: Bench) -> Iterator[Warning]:
    stuck = obstacles(bench) if bench.schedules else {}
    for schedule in bench.schedules.values():
        yield from _in_the_future(bench, schedule)
        for entry in schedule.entries:
            if entry.stopped:
                continue
            if entry.job_id in stuck:
                yield from (_warning(bench, schedule, entry, job, why) for job, why in stuck[entry.job_id])
            elif entry.problem and entry.due_at is None:
                yield _never(schedule, entry, entry.problem)


def _in_the_future(bench: Bench, schedule: Schedule) -> Iterator[Warning]:
    """One cause, one warning: a clock or a time zone was wrong, mostly for all of a site at once."""
    entries = dated_ahead.held_up(schedule, bench.at)
    if not entries:
        return
    first, last = (each.future_at for each in (entries[0], entries[-1]))
    of = dated_ahead.of(entries)
    until = duration((last - bench.at).total_seconds()) if last else ""
    if len(entries) == 1:
        message = _(
            "The schedule {method} does not run for {until}: Frappe counts from its {what}, which lies in the future. "
            "A clock was wrong, or the site's time zone was set afterwards."
        ).format(method=entries[0].method, until=until, what=of)
    else:
        message = _(
            "{count} schedules do not run for up to {until}: Frappe counts from their {what}, which lies in the "
            "future. A clock was wrong, or the site's time zone was set afterwards."
        ).format(count=len(entries), until=until, what=of)
    yield Warning(
        code="blocked_schedule",
        severity="critical",
        site=schedule.site,
        message=message,
        evidence={
            "schedules": [entry.record for entry in entries[: limits.GROUP_IDS]],
            "count": len(entries),
            "what": of,
            "from": iso(first),
            "until": iso(last),
            "zone": schedule.zone,
        },
        remedies=(CORRECT,),
        about="future dates",
    )


def _never(schedule: Schedule, entry: ScheduleEntry, problem: str) -> Warning:
    """At what croniter finds no date for, Frappe's tick ends: the site's other schedules are passed over by chance."""
    return Warning(
        code="blocked_schedule",
        severity="critical",
        queue=entry.queue,
        job_id=entry.job_id,
        site=schedule.site,
        message=_("The schedule {method} can never run, and keeps others of the site from running: {problem}").format(
            method=entry.method, problem=problem
        ),
        evidence={"method": entry.method, "schedule": entry.record, "cron": entry.cron},
        remedies=(PAUSE,),
        about=entry.record,
    )


def _warning(bench: Bench, schedule: Schedule, entry: ScheduleEntry, job: Job, why: str) -> Warning:
    late = (bench.at - entry.due_at).total_seconds() if entry.due_at else 0.0
    overdue = _("It was due {duration} ago.").format(duration=duration(late)) if late > grace_s(schedule) else ""
    return Warning(
        code="blocked_schedule",
        severity="critical",
        queue=job.queue or entry.queue,
        job_id=job.id,
        site=schedule.site,
        since=job.started_at or job.enqueued_at,
        message=joined((_("The schedule {method} is blocked: {why}.").format(method=entry.method, why=why), overdue)),
        evidence={
            "method": entry.method,
            "schedule": entry.record,
            "cron": entry.cron,
            "last_at": iso(entry.last_at),
            "due_at": iso(entry.due_at),
            "record": job.status,
            "started_at": iso(job.started_at),
        },
        remedies=_remedies(bench, job),
        needs_proof=True,
    )


def _remedies(bench: Bench, job: Job) -> tuple[Remedy, ...]:
    """Free its id, by the way that its state allows; the next tick then enqueues it."""
    worker = bench.worker(job.worker)
    if job.status == "queued":
        if job.unloadable:
            return (DELETE,)
        return (FREE,) if any(ghost.job.id == job.id for ghost in bench.ghosts) else (REQUEUE,)
    alive = worker is not None and worker.state != "gone" and worker.job_id == job.id
    return (STOP,) if alive else (fail(bench.at, job),)

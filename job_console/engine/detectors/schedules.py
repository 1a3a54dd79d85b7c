"""Which schedules are late, and what stands in their way: shared by the detectors about schedules."""

from __future__ import annotations

from .. import limits
from ..models import Bench, Job, Schedule, ScheduleEntry
from .overrunning import overruns
from .timeouts import past
from .worker_lost import lost

#: States in which `frappe.enqueue` refuses the same id again.
IN_THE_WAY = ("queued", "started")


def grace_s(schedule: Schedule) -> float:
    """A tick may be missed by a restart, and an enqueued run takes a moment to start."""
    return limits.MISSED_TICKS * schedule.tick_s + 60.0


def late(bench: Bench, schedule: Schedule) -> list[ScheduleEntry]:
    """Entries whose time passed, the longest ago first."""
    grace = grace_s(schedule)
    found = [
        (entry.due_at, entry)
        for entry in schedule.entries
        if not entry.stopped and entry.due_at and (bench.at - entry.due_at).total_seconds() > grace
    ]
    return [entry for _due, entry in sorted(found, key=lambda pair: pair[0])]


def obstacle(bench: Bench, entry: ScheduleEntry) -> tuple[Job | None, str]:
    """(the run that stands in this entry's way, why); (None, "") when there is none, or one that is in order."""
    for ghost in bench.ghosts:
        if ghost.job.id == entry.job_id:
            return ghost.job, f"its last run is a ghost: the record says {ghost.status}, and nothing runs it"
    for lane in bench.lanes:
        for job in lane.running:
            if job.id == entry.job_id and job.status == "started":
                why = _why_stuck(bench, job)
                return (job, why) if why else (None, "")
        for job in lane.intermediate:
            if job.id == entry.job_id and job.status == "queued" and job.id not in bench.held:
                return job, "its last run was taken from the queue and never started"
    return None, ""


def _why_stuck(bench: Bench, job: Job) -> str:
    reason, _evidence = lost(bench.at, job, bench.worker(job.worker))
    ran = job.elapsed_s(bench.at) or 0.0
    if reason:
        return f"its last run lost its worker ({reason})"
    if past(job, ran):
        return "its last run is past its timeout"
    if overruns(bench, job, ran):
        return "its last run takes far longer than usual"
    return ""

"""Which schedules are late, and what stands in their way: shared by the detectors about schedules."""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import _
from ...models.bench import Bench
from ...models.jobs import Job
from ...models.schedule import Schedule, ScheduleEntry
from ...schedule import due, scheduler_liveness
from ...schedule import limits as schedule_limits
from .. import limits
from .overrunning import overruns
from .timeouts import past
from .worker_lost import lost


def fresh(bench: Bench) -> Iterator[Schedule]:
    """Those that were read lately: what an old reading calls late may have run since."""
    for schedule in bench.schedules.values():
        if schedule.read_at and (bench.at - schedule.read_at).total_seconds() <= limits.SCHEDULE_FRESH_S:
            yield schedule


def grace_s(schedule: Schedule) -> float:
    return due.grace_s(schedule.tick_s, 1 if schedule.process is False else schedule_limits.MISSED_TICKS)


def late(bench: Bench, schedule: Schedule) -> list[ScheduleEntry]:
    """Entries that ticks should have enqueued, the longest ago first. A scheduler that has just been started after a
    while has its own patience: what became due before waits for its first tick."""
    grace, runs_since = grace_s(schedule), scheduler_liveness.runs_since(schedule)
    found = [
        (entry.ready_since, entry)
        for entry in schedule.entries
        if entry.ready_since
        and (bench.at - max(entry.ready_since, runs_since or entry.ready_since)).total_seconds() > grace
    ]
    return [entry for _since, entry in sorted(found, key=lambda pair: pair[0])]


def silent(schedule: Schedule, entry: ScheduleEntry) -> bool:
    """There is no sign of a tick since this entry became ready: then it is the scheduler that is late."""
    return schedule.ticked_at is None or (entry.ready_since is not None and schedule.ticked_at < entry.ready_since)


def obstacles(bench: Bench) -> dict[str, list[tuple[Job, str]]]:
    """Every run that keeps its id for ever or too long, and why: by the id of its schedule. A run that merely waits its
    turn is none."""
    found: dict[str, tuple[Job, str]] = {}
    for lane in bench.lanes:
        for job in lane.intermediate:
            if job.status == "queued" and job.id not in bench.held:
                found[job.id] = job, _("its last run was taken from the queue and never started")
        for job in lane.running:
            why = _why_stuck(bench, job) if job.status == "started" else ""
            if why:
                found[job.id] = job, why
    for ghost in bench.ghosts:
        why = _("its last run is a ghost: the record says {status}, and nothing runs it").format(status=ghost.status)
        found[ghost.job.id] = ghost.job, why
    stuck: dict[str, list[tuple[Job, str]]] = {}
    for job, why in found.values():
        stuck.setdefault(due.schedule_id(job.id), []).append((job, why))
    return stuck


def _why_stuck(bench: Bench, job: Job) -> str:
    reason, _evidence = lost(bench.at, job, bench.worker(job.worker))
    ran = job.elapsed_s(bench.at) or 0.0
    if reason:
        return _("its last run lost its worker ({reason})").format(reason=reason)
    if past(job, ran):
        return _("its last run is past its timeout")
    if overruns(bench, job, ran):
        return _("its last run takes far longer than usual")
    return ""

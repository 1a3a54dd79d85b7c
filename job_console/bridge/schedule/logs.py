"""Closes Scheduled Job Logs that have the status `Start` because their run was killed, with what is known of the run.

Frappe writes the log when a run begins, and again when it ends; for a killed process nothing writes the end. This does,
when RQ's record says that the run is over. A run without a record in RQ may still be active: `bench
trigger-scheduler-event` runs it in its own process, perhaps in parallel to the scheduler's. So a log without a record
is closed once no job may last so long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import frappe
from frappe.utils import cint, get_datetime, get_system_timezone, now_datetime
from frappe.utils.background_jobs import create_job_id, get_queues_timeout

from job_console.engine.models.jobs import Job
from job_console.engine.redis.link import reaching_redis
from job_console.engine.schedule import clock
from job_console.engine.schedule.due import run_ids
from job_console.engine.service import Engine
from job_console.engine.stacks import post_mortem
from job_console.engine.watch.watch import Look

LOG = "Scheduled Job Log"
RECORD = "Scheduled Job Type"
DUTY = "schedule_logs"
#: How many logs are read at once, the oldest first: a site that was down for a week has a thousand.
AT_ONCE = 50
#: A younger log may belong to a run that RQ has not recorded yet.
SETTLED_S = 60.0
EVERY_S = 60.0
#: Beyond the longest timeout of any lane: nobody sets one for a run that was started by hand.
SPARE_S = 3600.0


@dataclass(frozen=True)
class Open:
    """A log with the status `Start`, and when its run wrote it, by the clock of the host that ran it."""

    name: str
    job_id: str
    at: datetime


def close(engine: Engine, look: Look) -> None:
    """The duty. One query when there is no such log."""
    logs = list(_open())
    if not logs:
        return
    job_ids = [run_id for log in logs for run_id in run_ids(log.job_id)]
    with reaching_redis():
        jobs = dict(zip(job_ids, engine.reader.read(job_ids), strict=True))
    outlasted = datetime.now(timezone.utc) - timedelta(seconds=_longest_s())
    for log in logs:
        runs = [jobs[run_id] for run_id in run_ids(log.job_id)]
        if over(log, runs, outlasted):
            _close(log, _what_is_known(engine, log, runs))


def over(log: Open, runs: Sequence[Job], outlasted: datetime) -> bool:
    """Whether the run that wrote the log has ended: none of the schedule's `runs` that began before that still runs,
    and one of them has written it; or it began before `outlasted`, and no job lasts so long.
    """
    settled = log.at + timedelta(seconds=SETTLED_S)
    if any(run.status == "started" and (run.started_at is None or run.started_at <= settled) for run in runs):
        return False
    return log.at < outlasted or any(_wrote(run, log) for run in runs)


def _longest_s() -> float:
    return max(map(cint, get_queues_timeout().values())) + SPARE_S


def _open() -> Iterable[Open]:
    settled = now_datetime() - timedelta(seconds=SETTLED_S)
    rows = frappe.get_all(
        LOG,
        filters={"status": "Start", "creation": ("<", settled)},
        fields=["name", "scheduled_job_type", "creation"],
        order_by="creation asc",
        limit_page_length=AT_ONCE,
    )
    zone, now = clock.zone(get_system_timezone()), datetime.now(timezone.utc)
    for row in rows:
        if frappe.db.exists(RECORD, row.scheduled_job_type):
            job_id = create_job_id(frappe.get_doc(RECORD, row.scheduled_job_type).rq_job_id)
            yield Open(row.name, job_id, clock.showed(get_datetime(row.creation), zone, now))


def _what_is_known(engine: Engine, log: Open, runs: Iterable[Job]) -> str:
    """RQ's message, and the last sample of the process, where both are of that very run."""
    reported = ["Its run ended without a word: its process was killed, or its host went away. Closed by Job Console."]
    job = next((run for run in runs if _wrote(run, log)), None)
    if job is None or job.started_at is None:
        return reported[0]
    if job.error is not None:
        reported.append(f"{job.error.type}: {job.error.message}")
    with reaching_redis():
        (seen,) = post_mortem.read(engine.redis, [(job.id, job.started_at)])
    if seen is not None:
        reported.append(post_mortem.words(seen, job.ended_at))
    return "\n".join(reported)


def _wrote(run: Job, log: Open) -> bool:
    return run.started_at is not None and abs((log.at - run.started_at).total_seconds()) <= SETTLED_S


def _close(log: Open, details: str) -> None:
    """Close the log, unless its run has written its own end meanwhile."""
    document = frappe.qb.DocType(LOG)
    query = frappe.qb.update(document).set(document.status, "Failed").set(document.details, details)
    query.where((document.name == log.name) & (document.status == "Start")).run()
    frappe.db.commit()

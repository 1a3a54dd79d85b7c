"""Reads the site's schedule for the engine: Scheduled Job Type records, and the state of Frappe's scheduler.

`refresh()` publishes it (`engine.schedule.store`) when no process has done so for a few seconds.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from socket import gethostname
from time import monotonic
from typing import NamedTuple

import frappe
from frappe.model.base_document import get_controller
from frappe.model.document import Document
from frappe.utils import cint, get_datetime, get_system_timezone
from frappe.utils.background_jobs import create_job_id, generate_qname
from frappe.utils.scheduler import get_scheduler_tick, schedule_jobs_based_on_activity

from job_console.bridge.connection import engine
from job_console.bridge.schedule import scheduler_process
from job_console.engine.errors import RedisUnavailable
from job_console.engine.messages import _
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.redis.link import reaching_redis
from job_console.engine.schedule import check, clock, cron, dated_ahead
from job_console.engine.schedule import limits as schedule_limits

RECORD = "Scheduled Job Type"
MOVED = "Moved Schedule"
_FIELDS = ["name", "method", "frequency", "cron_format", "stopped", "last_execution", "creation"]

#: By site: when this process last checked.
_asked: dict[str, float] = {}


def refresh(now: bool = False) -> None:
    """Publish this site's schedule unless a process has done so lately; `now`: always. Raises RedisUnavailable."""
    site, schedules = frappe.local.site, engine().watch.schedules
    if not now and monotonic() - _asked.get(site, float("-inf")) < schedule_limits.SCHEDULE_EVERY_S:
        return
    with reaching_redis():
        age = None if now else schedules.age_s(site)
        if age is None or age >= schedule_limits.SCHEDULE_EVERY_S:
            schedules.publish(facts())
    _asked[site] = monotonic()


def publish_off() -> None:
    """Publish the last known schedule with the reason why nothing of it runs now. Reads no database: it may be half
    migrated.
    """
    why, schedules = why_off(), engine().watch.schedules
    with reaching_redis():
        schedules.read()
        known = schedules.all().get(frappe.local.site)
        if known and why:
            schedules.publish(replace(known, running=False, off=why[0], reason=why[1]))


def withdraw() -> None:
    """Remove what is published: Job Console is uninstalled from this site."""
    with suppress(RedisUnavailable), reaching_redis():
        engine().watch.schedules.withdraw(frappe.local.site)
    _asked.pop(frappe.local.site, None)


def facts() -> Schedule:
    """The schedule, from the site's database and configuration. Two queries."""
    why = why_off()
    rows = frappe.get_all(RECORD, fields=_FIELDS, order_by="name", limit_page_length=0)
    moved, now = declared(), datetime.now(timezone.utc)
    return Schedule(
        site=frappe.local.site,
        running=why is None,
        off=why and why[0],
        reason=why and why[1],
        tells_ticks=getattr(get_controller(RECORD), "tells_ticks", False),
        tick_s=float(get_scheduler_tick()),
        zone=get_system_timezone(),
        process=scheduler_process.alive(),
        host=gethostname(),
        entries=tuple(_entry(row, moved, now) for row in rows),
    )


def declared() -> dict[str, str]:
    """What apps declare for the schedules that people have moved, by method."""
    if not frappe.db.table_exists(MOVED):
        return {}  # the app is being installed
    return {row.method: row.declared for row in frappe.get_all(MOVED, fields=["method", "declared"])}


def why_off() -> tuple[str, str] | None:
    """(code, sentence): why Frappe does not run this site's schedule, in the order in which it checks. None: it
    does.
    """
    conf = frappe.local.conf
    if conf.maintenance_mode:
        return "maintenance", _("the site is in maintenance mode")
    if conf.pause_scheduler:
        return "paused", _("it is paused (pause_scheduler in the configuration)")
    if conf.disable_scheduler:
        return "disabled", _("it is disabled (disable_scheduler in the configuration)")
    if not cint(frappe.db.get_single_value("System Settings", "enable_scheduler")):
        return "switched_off", _("it is switched off in System Settings")
    if not schedule_jobs_based_on_activity():
        return "dormant", _("nobody has used the site for days, so Frappe runs its schedule once a day")
    return None


class _Identity(NamedTuple):
    cron: str
    problem: str | None
    queue: str
    job_id: str


def cron_of(record: frappe._dict | Document) -> str:
    """The cron expression that Frappe uses, also for a record that names only a frequency."""
    return _identity_of(record).cron


def _entry(row: frappe._dict, declared: Mapping[str, str], now: datetime) -> ScheduleEntry:
    known = _identity_of(row)
    where = clock.zone(get_system_timezone())
    # As `get_next_execution` has it: without a last run, from its creation.
    base = get_datetime(row.last_execution or row.creation)
    next_wall = cron.next_after(known.cron, base)
    # An instant, not what the wall shows: in the hour that comes twice, a run of its first pass is no future.
    ahead = clock.showed(base, where, now) > now and dated_ahead.delays(known.cron, base, clock.wall(now, where))
    return ScheduleEntry(
        record=row.name,
        method=row.method or row.name,
        cron=known.cron,
        problem=known.problem,
        declared=declared.get(row.method),
        queue=known.queue,
        stopped=bool(row.stopped),
        last_at=row.last_execution and clock.showed(get_datetime(row.last_execution), where, now),
        future_at=clock.reaches(base, where, now) if ahead else None,
        future_of=(dated_ahead.LAST_RUN if row.last_execution else dated_ahead.CREATION) if ahead else None,
        due_at=next_wall and clock.reaches(next_wall, where, now),
        job_id=known.job_id,
    )


def _identity_of(row: frappe._dict | Document) -> _Identity:
    return _identity(frappe.local.site, row.name, row.method, row.frequency, row.cron_format or "")


@lru_cache(10_000)
def _identity(site: str, name: str, method: str, frequency: str, cron_format: str) -> _Identity:
    """What follows from the record alone, as Frappe's own document computes it; cached."""
    fields = {"name": name, "method": method, "frequency": frequency, "cron_format": cron_format}
    record = frappe.get_doc({"doctype": RECORD, "creation": cron.SOME_DAY, **fields})
    with suppress(ValueError):  # croniter's own errors are ValueErrors
        record.get_next_execution()  # on the way it puts the expression of its frequency in `cron_format`
    found = check.mistake(record.cron_format or "")
    queue, job_id = generate_qname(record.get_queue_name()), create_job_id(record.rq_job_id)
    return _Identity(record.cron_format or "", found.message if found else None, queue, job_id)

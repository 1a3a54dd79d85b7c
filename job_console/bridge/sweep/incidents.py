"""A site's incidents: the sweep writes its findings as Job Incident documents, and notifies System Managers.

`sweep()` is called from whatever is alive on the site: an open desk (`api.pulse`), a job that ends, the scheduler's
tick (`scheduled_run`), and `bench job-console-watch`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import convert_utc_to_system_timezone, get_system_timezone, now_datetime

from job_console.bridge import language
from job_console.bridge.access import site_console
from job_console.bridge.connection import engine
from job_console.bridge.schedule import logs, schedule
from job_console.bridge.sweep import alerts, job_metrics, marks, notifications, parts, weekly_report
from job_console.engine import messages, wire
from job_console.engine.errors import RedisUnavailable
from job_console.engine.history import audit
from job_console.engine.messages import _
from job_console.engine.redis import keys
from job_console.engine.redis.link import Pipeline, reaching_redis
from job_console.engine.schedule import clock
from job_console.engine.service import Engine
from job_console.engine.watch import incidents
from job_console.engine.watch import limits as watch_limits
from job_console.engine.watch.incidents import Known, Trouble
from job_console.engine.watch.sweep import Duty, Swept
from job_console.engine.watch.watch import Look

INCIDENT = "Job Incident"
DUTY = "incidents"


def sweep() -> Swept | None:
    """Do what is due for the bench and for this site. Two round trips when nothing is. Raises RedisUnavailable."""
    schedule.refresh()
    site = frappe.local.site
    duties = [
        Duty(marks.DUTY, marks.look_at, every_s=marks.EVERY_S, site=site),
        Duty(DUTY, write_down, site=site),
        Duty(alerts.DUTY, alerts.notify, site=site),
        Duty(logs.DUTY, logs.close, every_s=logs.EVERY_S, site=site),
        Duty(parts.DUTY, parts.wake, every_s=parts.EVERY_S, site=site),
        Duty(job_metrics.DUTY, job_metrics.put_away, every_s=job_metrics.EVERY_S, site=site),
        Duty(weekly_report.DUTY, weekly_report.send, every_s=weekly_report.EVERY_S, site=site),
    ]
    return engine().sweep(duties)


def ask(pipeline: Pipeline, then: Callable[[Callable[[Any], object]], None]) -> None:
    """A job that ends asks whether it is its turn to sweep: now and then, for a site that nobody else looks after."""
    pipeline.set(keys.own("job_sweeps", frappe.local.site), 1, nx=True, px=round(watch_limits.JOB_SWEEPS_S * 1000))
    then(lambda first: sweep() if first else None)


def write_down(engine: Engine, look: Look) -> None:
    """Open, touch and resolve; one query when nothing has changed."""
    now = look.bench.at
    changes = incidents.changes(_known(now), site_console(engine).warnings.troubles(look), now)
    cause = _cause(engine, now) if any(isinstance(each, incidents.Opened) for each in changes) else None
    how = _how(engine, [each.known.name for each in changes if isinstance(each, incidents.Resolved)], now)
    for change in changes:
        try:
            _apply(change, how, now, cause)
        except Exception:
            frappe.db.rollback()
            raise
        # One at a time: a site on SQLite has room for one writer, and others wait for it in vain. A sweep is nobody's
        # transaction: what calls it has ended its own.
        frappe.db.commit()


def pulse() -> dict[str, object]:
    """For the desk's navbar: how many incidents are open, and how severe. Sweeps, if it is time to."""
    reachable = True
    try:
        sweep()
    except RedisUnavailable:
        reachable = False  # nothing is known, and no incident ends by that
    rows = frappe.get_all(INCIDENT, filters={"status": ("!=", "Resolved")}, pluck="severity", limit_page_length=0)
    return {"open": len(rows), "critical": rows.count("Critical"), "reachable": reachable}


def open_incidents() -> list[dict[str, object]]:
    """Those that are open, and what was resolved on the last day: the newest first of each."""
    fields = ["name", "status", "severity", "code", "message", "jobs", "queue", "method", "job_id", "worker"]
    fields += ["sentence", "opened", "last_seen", "resolved", "how", "acknowledged_by", "acknowledged"]
    day = now_datetime() - timedelta(days=1)
    still = {"filters": {"status": ("!=", "Resolved")}, "order_by": "severity asc, opened desc"}
    ended = {"filters": {"status": "Resolved", "resolved": (">", day)}, "order_by": "resolved desc"}
    rows = [
        row
        for wanted in (still, ended)
        for row in frappe.get_all(INCIDENT, fields=fields, limit_page_length=watch_limits.INCIDENTS_OPEN, **wanted)
    ]
    causes = _causes([row["opened"] for row in rows])
    return [{**_row(row), "after": said} for row, said in zip(rows, causes, strict=True)]


def _causes(opened: Sequence[datetime]) -> Sequence[str | None]:
    """What was changed shortly before each. Nothing while Redis is away, which knows it."""
    now = datetime.now(timezone.utc)
    try:
        return site_console(engine()).marks.before([_instant(each, now) for each in opened])
    except RedisUnavailable:
        return [None for _each in opened]


def _row(row: dict[str, object]) -> dict[str, object]:
    """The message as a message again: each reader has their own language."""
    packed = row.pop("sentence")
    said = {name: _utc(value) if isinstance(value, datetime) else value for name, value in row.items()}
    return {**said, "message": language.unpacked(packed) or said["message"]}


def _known(now: datetime) -> list[Known]:
    """In UTC: by the site's wall clock an hour comes twice in autumn, and one is missing in spring."""
    reopen = timedelta(seconds=watch_limits.INCIDENT_REOPEN_S)
    lately = min(_site_time(now) - reopen, _site_time(now - reopen))
    rows = frappe.get_all(
        INCIDENT,
        fields=["name", "cause", "severity", "jobs", "last_seen", "resolved"],
        or_filters={"status": ("!=", "Resolved"), "resolved": (">", lately)},
        limit_page_length=0,
    )
    return [
        Known(
            row.name,
            row.cause,
            row.severity.lower(),
            row.jobs,
            _instant(row.last_seen, now),
            row.resolved and _instant(row.resolved, now),
        )
        for row in rows
    ]


def _cause(engine: Engine, now: datetime) -> str | None:
    """What was changed shortly before what opens now: people are told that, too."""
    (said,) = site_console(engine).marks.before([now])
    return said


def _apply(change: incidents.Change, how: Mapping[str, str], now: datetime, cause: str | None) -> None:
    at = _site_time(now)
    if isinstance(change, incidents.Opened):
        _open(change.trouble, at, cause)
    elif isinstance(change, incidents.Reopened):
        incident = _rewrite(change.known, change.trouble, at, status="Open", resolved=None, how=None)
        if change.worse:
            notifications.opened(incident, change.trouble.message)
    elif isinstance(change, incidents.Seen):
        _seen(change, at)
    else:
        _resolve(change.known, how[change.known.name], now)


def _open(trouble: Trouble, now: datetime, cause: str | None) -> None:
    incident = frappe.get_doc({"doctype": INCIDENT, "status": "Open", "owner": "Administrator", "opened": now})
    incident.update(_fields(trouble, now))
    savepoint = "job_incident"
    frappe.db.savepoint(savepoint)
    try:
        incident.insert(ignore_permissions=True)
    except frappe.UniqueValidationError:  # another sweep was quicker: a lease ends when its holder stalls
        frappe.db.rollback(save_point=savepoint)
        return
    if trouble.quiet:
        notifications.changed()
    else:
        notifications.opened(incident, messages.joined([trouble.message, cause or ""]))


def _seen(change: incidents.Seen, now: datetime) -> None:
    if change.worse:
        notifications.opened(_rewrite(change.known, change.trouble, now), change.trouble.message)
        return
    fields = {"last_seen": now, "jobs": change.trouble.jobs, **_message(change.trouble)}
    frappe.db.set_value(INCIDENT, change.known.name, fields, update_modified=False)


def _resolve(known: Known, how: str, now: datetime) -> None:
    incident = frappe.get_doc(INCIDENT, known.name)
    incident.update({"status": "Resolved", "resolved": _site_time(now), "open_cause": None, "how": how})
    incident.save(ignore_permissions=True)
    notifications.changed()


def _rewrite(known: Known, trouble: Trouble, now: datetime, **more: object) -> Document:
    incident = frappe.get_doc(INCIDENT, known.name)
    incident.update({**_fields(trouble, now), **more})
    incident.save(ignore_permissions=True)
    notifications.changed()
    return incident


def _fields(trouble: Trouble, now: datetime) -> dict[str, object]:
    return {
        "code": trouble.code,
        "severity": trouble.severity.capitalize(),
        "title": language.of_site(trouble.message)[:140],
        **_message(trouble),
        "jobs": trouble.jobs,
        "last_seen": now,
        "queue": trouble.queue and trouble.queue.rpartition(":")[2],
        "method": trouble.method and trouble.method[:140],
        "job_id": trouble.job_id and trouble.job_id[:140],
        "worker": trouble.worker and trouble.worker[:140],
        "evidence": json.dumps(trouble.evidence, indent=1, ensure_ascii=False),
        "cause": trouble.key,
        "open_cause": trouble.key,
    }


def _message(trouble: Trouble) -> dict[str, object]:
    """For lists, mails and webhooks in the site's language; for the page and the form in its reader's."""
    return {"message": language.of_site(trouble.message), "sentence": json.dumps(messages.pack(trouble.message))}


def _how(engine: Engine, names: Sequence[str], now: datetime) -> dict[str, str]:
    """How these have ended: one query and one round trip for all."""
    if not names:
        return {}
    rows = frappe.get_all(
        INCIDENT, filters={"name": ("in", names)}, fields=["name", "job_id", "opened"], limit_page_length=0
    )
    with reaching_redis():
        done = audit.done_since(engine.redis, [(row.job_id, _instant(row.opened, now)) for row in rows])
    ended = language.of_site(_("The condition ended."))
    return {row.name: said or ended for row, said in zip(rows, done, strict=True)}


def _utc(moment: datetime) -> str | None:
    """A time of the site's database, as the wire has it."""
    return wire.time(_instant(moment, datetime.now(timezone.utc)))


def _instant(moment: datetime, now: datetime) -> datetime:
    return clock.showed(moment, clock.zone(get_system_timezone()), now)


def _site_time(moment: datetime) -> datetime:
    """As the database keeps it: in the site's zone, without saying so."""
    return convert_utc_to_system_timezone(moment.replace(tzinfo=None)).replace(tzinfo=None)

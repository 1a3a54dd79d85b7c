"""Actions on schedules and on the scheduler, through Frappe's own documents; each is written to the audit trail."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import frappe
from frappe.installer import update_site_config
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime, scheduler
from frappe.utils.background_jobs import create_job_id

from job_console.bridge.connection import engine
from job_console.bridge.schedule import moved, schedule
from job_console.engine import wire
from job_console.engine.errors import BadRequest
from job_console.engine.history import audit
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.jobs import state_change
from job_console.engine.messages import _
from job_console.engine.models.outcomes import AuditEntry, Outcome
from job_console.engine.models.schedule import ScheduleEntry
from job_console.engine.progress import limits as progress_limits
from job_console.engine.redis.link import reaching_redis
from job_console.engine.schedule import due
from job_console.engine.schedule.check import mistake
from job_console.engine.schedule.readiness import IN_THE_WAY


def act(action: str, job_ids: Sequence[str], reason: str) -> dict[str, Any]:
    """`action` on the schedules whose runs have these ids, or on the site's scheduler; answers as `Actions.run`."""
    _check_reason(reason)
    if action in _ON_SCHEDULER:
        return _done([_try(action, reason, None, _ON_SCHEDULER[action])])
    entries = {entry.job_id: entry for entry in schedule.facts().entries}
    do = _ON_ENTRY[action]
    return _done(
        [
            _try(action, reason, entries[job_id], partial(_on_record, do, entries[job_id]))
            if job_id in entries
            else Outcome(job_id, False, "missing", "missing", _("There is no such schedule."))
            for job_id in job_ids[: jobs_limits.BULK_JOBS]
        ]
    )


def move(moves: Sequence[Mapping[str, str]], reason: str) -> dict[str, Any]:
    """`moves`: `{"record", "cron"}` of each schedule that is to run at other times. One outcome each."""
    _check_reason(reason)
    entries = {entry.record: entry for entry in schedule.facts().entries}
    wanted = [_move(each, entries) for each in moves[: jobs_limits.BULK_JOBS]]  # all are checked before any is done
    return _done([_try("set_cron", reason, entry, partial(_set_cron, entry, cron)) for entry, cron in wanted])


def _move(wanted: object, entries: Mapping[str, ScheduleEntry]) -> tuple[ScheduleEntry, str]:
    if not isinstance(wanted, Mapping):
        raise BadRequest(_('Each move is a {"record", "cron"}.'))
    record, cron = str(wanted.get("record") or ""), str(wanted.get("cron") or "")
    if record not in entries:
        raise BadRequest(_("There is no schedule {record!r}.").format(record=record))
    wrong = mistake(cron)
    if wrong:
        raise BadRequest(wrong.message)
    return entries[record], cron


def _on_record(do: Callable[[Document], tuple[str, str]], entry: ScheduleEntry) -> tuple[str, str]:
    return do(_record(entry))


def _run(record: Document) -> tuple[str, str]:
    with reaching_redis():
        runs = engine().reader.read(due.run_ids(create_job_id(record.rq_job_id)))
    with _as_scheduler():  # Frappe asks for the first of them only
        enqueued = not any(run.status in IN_THE_WAY for run in runs) and record.enqueue(force=True)
    if not enqueued:
        raise _Refused(_("A run of it waits or runs already."))
    return "idle", "queued"


def _pause(record: Document) -> tuple[str, str]:
    return _stop(record, 1)


def _resume(record: Document) -> tuple[str, str]:
    return _stop(record, 0)


def _stop(record: Document, stopped: int) -> tuple[str, str]:
    before = record.stopped
    record.stopped = stopped
    record.save()
    return _paused(before), _paused(stopped)


def _reset(record: Document) -> tuple[str, str]:
    before = schedule.cron_of(record)
    if not moved.reset(record):
        raise _Refused(_("It runs as its app declares."))
    return before, schedule.cron_of(record)


def _set_cron(entry: ScheduleEntry, cron: str) -> tuple[str, str]:
    moved.set_cron(_record(entry), cron)
    return entry.cron, cron


def _enable() -> tuple[str, str]:
    frappe.has_permission("System Settings", "write", throw=True)
    scheduler.enable_scheduler()
    return "switched_off", _state()


def _unpause() -> tuple[str, str]:
    update_site_config("pause_scheduler", 0)
    frappe.local.conf.pause_scheduler = 0
    return "paused", _state()


def _correct_dates() -> tuple[str, str]:
    """Set dates in the future to now, from which Frappe then counts the next run. The local time of the site is used,
    as Frappe does; in an hour that comes twice no date stays further ahead than that hour.
    """
    now, changed = now_datetime(), 0
    rows = frappe.get_all(schedule.RECORD, fields=["name", "last_execution", "creation"], limit_page_length=0)
    for entry in schedule.facts().entries:
        row = next((each for each in rows if each.name == entry.record), None)
        if entry.future_at is None or row is None:
            continue
        wrong = {name: now for name in ("last_execution", "creation") if row[name] and get_datetime(row[name]) > now}
        _record(entry).db_set(wrong, update_modified=False)
        changed += 1
    if not changed:
        raise _Refused(_("No schedule is counted from a date in the future."))
    return "in the future", f"{changed} counted from now"


def _tick() -> tuple[str, str]:
    """Do for this site what Frappe's scheduler does at a tick."""
    site = {"site": frappe.local.site} if "site" in inspect.signature(scheduler.enqueue_events).parameters else {}
    try:
        with _as_scheduler():
            enqueued = scheduler.enqueue_events(**site) or []
    except ValueError as error:  # croniter's, at a date that never comes
        raise _Refused(_("It breaks off at a schedule that has no date: see the warnings.")) from error
    return "overdue", f"{len(enqueued)} enqueued"


_ON_ENTRY: dict[str, Callable[[Document], tuple[str, str]]] = {
    "run_schedule": _run,
    "pause_schedule": _pause,
    "resume_schedule": _resume,
    "reset_cron": _reset,
}
_ON_SCHEDULER: dict[str, Callable[[], tuple[str, str]]] = {
    "enable_scheduler": _enable,
    "unpause_scheduler": _unpause,
    "tick": _tick,
    "correct_dates": _correct_dates,
}
ACTS = (*_ON_ENTRY, *_ON_SCHEDULER)


class _Refused(frappe.ValidationError):
    """The state does not allow the action."""


def _try(action: str, reason: str, entry: ScheduleEntry | None, do: Callable[[], tuple[str, str]]) -> Outcome:
    """Do one action, or report why not; both are written to the audit trail."""
    job_id, before = (entry.job_id, _paused(entry.stopped)) if entry else ("", _state())
    savepoint = "job_console_act"
    frappe.db.savepoint(savepoint)
    try:
        outcome = Outcome(job_id, True, *do())
    except frappe.ValidationError as error:
        frappe.db.rollback(save_point=savepoint)
        outcome = Outcome(job_id, False, before, before, str(error))
    logged = AuditEntry(
        actor=frappe.session.user,
        action=action,
        job_id=job_id,
        ok=outcome.ok,
        state_before=outcome.state_before,
        state_after=outcome.state_after,
        reason=reason or outcome.reason,
        queue=entry.queue if entry else None,
        site=frappe.local.site,
        detail=entry.method if entry else "scheduler",
    )
    with reaching_redis():
        reported = audit.try_to_record(engine().redis, [logged])
    return outcome if reported or not outcome.ok else replace(outcome, reason=state_change.NOT_AUDITED)


def _done(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The answer, after which the next look is a new one."""
    schedule.refresh(now=True)
    engine().watch.forget()
    return wire.outcomes_json(outcomes)


def _record(entry: ScheduleEntry) -> Document:
    record = frappe.get_doc(schedule.RECORD, entry.record)
    record.check_permission("write")
    return record


@contextmanager
def _as_scheduler() -> Iterator[None]:
    """Enqueue as Administrator, since the scheduler's jobs run as that user.

    `frappe.set_user` is not used: it empties the session, which the end of the request would save.
    """
    session = frappe.local.session
    user, session.user = session.user, "Administrator"
    try:
        yield
    finally:
        session.user = user


def _state() -> str:
    why = schedule.why_off()
    return why[0] if why else "on"


def _paused(stopped: object) -> str:
    return "paused" if stopped else "on"


def _check_reason(reason: str) -> None:
    if len(reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )

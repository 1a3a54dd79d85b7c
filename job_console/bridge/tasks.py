"""Background Tasks (Frappe 17): the record goes along with what is done to its job, as when Frappe's own page does it.

A task's user sees the record, not the job: one that was stopped here would run there for ever. And Frappe runs no task
whose record says Cancelled, so a retry has to say Queued before a worker takes the job.

How far a job has come goes to its task in `runtime.progress.user_notice`, and what the task tells comes back in
`runtime.progress.frappe_events`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import frappe
from frappe.utils import now
from frappe.utils.background_jobs import create_job_id

from job_console.bridge import versions
from job_console.engine.rq import call

TASK = "Background Task"
_UNENDED = ("Queued", "Running")
#: What its record says after an action that did what it was to do.
_ENDED = {"cancel": "Cancelled", "stop": "Cancelled", "stop_gently": "Cancelled", "delete": "Cancelled"}
_ENDED["fail"] = "Failed"
_AGAIN = {"status": "Queued", "exception": None, "result": None, "progress": 0, "stage": None}
_AGAIN |= {"started_at": None, "ended_at": None}


def act(action: str, job_ids: Sequence[str], do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """`do` does the action to these jobs, and answers as `Console.act`."""
    if not versions.has_doctype(TASK):
        return do()
    ready = _make_ready(job_ids) if action == "retry" else {}
    done: set[str] = set()
    try:
        answer = do()
        done = {result["job_id"] for result in answer["results"] if result["ok"]}
    finally:
        for job_id in ready.keys() - done:
            _write(ready[job_id], {"status": ready[job_id].status})
        if ready.keys() - done:
            frappe.db.commit()  # what was made ready is committed, too
    follow(action, answer["results"])
    return answer


def follow(action: str, results: Sequence[dict[str, Any]]) -> None:
    """After an action. What had ended by itself keeps what it says."""
    if action not in _ENDED or not versions.has_doctype(TASK):
        return
    for record in _records([result["job_id"] for result in results if result["ok"]], _UNENDED).values():
        _write(record, {"status": _ENDED[action], "ended_at": now()})


def _make_ready(job_ids: Sequence[str]) -> dict[str, frappe._dict]:
    """The records of those that are to run again, as they were; committed, because a worker may be quicker than we."""
    found = _records(job_ids, ("Cancelled", "Failed"))
    for record in found.values():
        _write(record, _AGAIN)
    if found:
        frappe.db.commit()
    return found


def _records(job_ids: Sequence[str], states: Sequence[str]) -> dict[str, frappe._dict]:
    """By job. Of several with the same id the newest counts: its job is the one that is there."""
    bare = [job_id.removeprefix(call.site_mark(job_id)) for job_id in job_ids]
    names = {*bare, *(name.replace("|", ":") for name in bare)}  # ids of rq 2 have no colon
    filters = {"job_id": ("in", list(names)), "status": ("in", states)}
    fields = ["name", "task_id", "task_name", "job_id", "user", "status"]
    rows = frappe.get_all(TASK, filters=filters, fields=fields, order_by="creation asc", limit_page_length=0)
    found = {create_job_id(row.job_id): row for row in rows}
    return {job_id: found[job_id] for job_id in job_ids if job_id in found}


def _write(record: frappe._dict, values: dict[str, Any]) -> None:
    """And tell its user, in the words of Frappe's own page."""
    frappe.db.set_value(TASK, record.name, values)
    frappe.cache.delete_value(f"background_task:{record.task_id}")
    event = {"task_id": record.task_id, "task_name": record.task_name, "status": values["status"]}
    frappe.publish_realtime("task_update", event, user=record.user, after_commit=True)

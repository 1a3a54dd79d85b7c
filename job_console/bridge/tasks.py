"""Background Tasks (Frappe 17): updates the task's record after an action on its job, as Frappe's own page does.

The user of a task sees the record and not the job, so a task that was stopped here would seem to run for ever. And
Frappe does not run a task with the status Cancelled, so a retry has to set Queued before a worker takes the job.

Progress of a job is passed to its task in `runtime.progress.user_notice`, and progress of the task comes back in
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
#: The status of the record after a successful action.
_ENDED = {"cancel": "Cancelled", "stop": "Cancelled", "stop_gently": "Cancelled", "delete": "Cancelled"}
_ENDED["fail"] = "Failed"
_AGAIN = {"status": "Queued", "exception": None, "result": None, "progress": 0, "stage": None}
_AGAIN |= {"started_at": None, "ended_at": None}


def act(action: str, job_ids: Sequence[str], do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do an action, and update the tasks of the jobs. `do` performs the action and returns the answer of
    `Console.act`.
    """
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
    """Update the records after an action. A task that had ended by itself keeps its status."""
    if action not in _ENDED or not versions.has_doctype(TASK):
        return
    for record in _records([result["job_id"] for result in results if result["ok"]], _UNENDED).values():
        _write(record, {"status": _ENDED[action], "ended_at": now()})


def _make_ready(job_ids: Sequence[str]) -> dict[str, frappe._dict]:
    """Set the tasks that are to run again to Queued, and commit, as a worker may take the job at once. Returns the
    records as they were.
    """
    found = _records(job_ids, ("Cancelled", "Failed"))
    for record in found.values():
        _write(record, _AGAIN)
    if found:
        frappe.db.commit()
    return found


def _records(job_ids: Sequence[str], states: Sequence[str]) -> dict[str, frappe._dict]:
    """The records by job. Of several with the same job id the newest counts: the existing job is its job."""
    bare = [job_id.removeprefix(call.site_mark(job_id)) for job_id in job_ids]
    names = {*bare, *(name.replace("|", ":") for name in bare)}  # ids of rq 2 have no colon
    filters = {"job_id": ("in", list(names)), "status": ("in", states)}
    fields = ["name", "task_id", "task_name", "job_id", "user", "status"]
    rows = frappe.get_all(TASK, filters=filters, fields=fields, order_by="creation asc", limit_page_length=0)
    found = {create_job_id(row.job_id): row for row in rows}
    return {job_id: found[job_id] for job_id in job_ids if job_id in found}


def _write(record: frappe._dict, values: dict[str, Any]) -> None:
    """Write the record, and notify its user as Frappe's own page does."""
    frappe.db.set_value(TASK, record.name, values)
    frappe.cache.delete_value(f"background_task:{record.task_id}")
    event = {"task_id": record.task_id, "task_name": record.task_name, "status": values["status"]}
    frappe.publish_realtime("task_update", event, user=record.user, after_commit=True)

"""What people who wait for a job are told of it: no method, no argument, no traceback.

Who administers the site has those, by the job's id.
"""

from __future__ import annotations

from ..messages import Message, _
from ..models.expected import Expected
from ..models.jobs import Call, Job
from ..wording import duration, ordinal

#: What a document is asked to do.
_ACTIONS = {
    "submit": _("Submitting"),
    "cancel": _("Canceling"),
    "save": _("Saving"),
    "update": _("Saving"),
    "insert": _("Saving"),
    "delete": _("Deleting"),
}
#: What Frappe does in the background because somebody has asked for it in the desk.
METHODS = {
    "frappe.core.doctype.data_import.data_import.start_import": _("Data import"),
    "frappe.core.doctype.prepared_report.prepared_report.generate_report": _("Report"),
    "frappe.desk.doctype.bulk_update.bulk_update._bulk_action": _("Bulk update"),
    "frappe.model.workflow._bulk_workflow_action": _("Bulk update"),
    "frappe.desk.reportview.delete_bulk": _("Bulk deletion"),
    "frappe.utils.print_format._download_multi_pdf": _("Printing"),
    "frappe.desk.page.backups.backups.backup_files_and_notify_user": _("Backup"),
}
#: Of an app's own method: only the app could say what that is.
_WORK = _("Work")
#: `failed` is said in a sentence of its own.
STATES = {"queued": "waiting", "scheduled": "waiting", "deferred": "waiting", "started": "running", "finished": "done"}


def title(call: Call) -> Message:
    """What the job does."""
    if call.kind == "document":
        action = call.method.rpartition(".")[2]
        if action == "background_submission":
            action = str(call.arguments.get("action_for_queuing") or "submit").lower()
        return _ACTIONS.get(action, _WORK)
    return METHODS.get(call.method, _WORK)


def state(job: Job, failed: bool) -> str:
    """`waiting`, `running`, `done`, `failed` or `canceled`."""
    if failed or job.status == "failed" or (job.status == "finished" and job.error is not None):
        return "failed"
    return STATES.get(job.status, "canceled")


def words(job: Job, state: str, position: int | None, start: Expected | None) -> Message:
    """How it stands."""
    if state == "failed":
        return _("It did not work. Your administrator can see why.")
    if state == "running":
        percent = percent_of(job)
        return _("running") if percent is None else _("running, {percent} %").format(percent=percent)
    if state == "waiting":
        return _waiting(job, position, start)
    return _("done") if state == "done" else _("canceled")


def _waiting(job: Job, position: int | None, start: Expected | None) -> Message:
    if job.status == "scheduled":
        return _("waiting, it is tried again") if job.tries is not None else _("waiting for its time")
    if job.status == "deferred":
        return _("waiting for other work")
    if position is None:
        return _("waiting")
    if start is None:
        return _("{place} in line").format(place=ordinal(position))
    return _("{place} in line, about {duration}").format(place=ordinal(position), duration=duration(start.about_s))


def percent_of(job: Job) -> int | None:
    fraction = job.progress.fraction if job.progress is not None and job.status == "started" else None
    return None if fraction is None else int(fraction * 100)


def line(what: Message, words: Message) -> Message:
    """For the strip on a document's form."""
    return _("{what} in the background: {words}").format(what=what, words=words)

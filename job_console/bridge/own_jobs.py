"""What a site's users see of their own jobs: on a document's form, and in My Jobs. Off by one setting of the site.

A form asks for nothing unless there is a job: its own request brings along whether there is one (`onload`: one round
trip to Redis), and who has it open is told when one is made (`runtime.enqueue.own_jobs`).
"""

from collections.abc import Sequence
from time import monotonic, time
from typing import Any

import frappe
from frappe import _
from frappe.utils import now

from job_console.bridge import logs
from job_console.bridge.access import APP
from job_console.bridge.connection import engine
from job_console.engine.errors import JobConsoleError
from job_console.engine.jobs import own_jobs
from job_console.engine.jobs.own_jobs import Document
from job_console.engine.models.jobs import Job
from job_console.engine.policies import store
from job_console.engine.redis.link import pipelined, reaching_redis
from job_console.engine.rq import call as calls
from job_console.engine.service import Console, Viewer

SETTINGS, FIELD = "Job Console Settings", "hide_own_jobs"
#: After Redis did not answer, forms load without asking it for so long.
_PAUSE_S = 30.0
_unreachable_until = float("-inf")


def shown() -> bool:
    """Whether this site shows its users their jobs; as its database has it."""
    if not frappe.db.exists("DocType", SETTINGS):
        return False  # the app is being installed
    return frappe.get_meta(SETTINGS).has_field(FIELD) and not frappe.db.get_single_value(SETTINGS, FIELD)


def boot(bootinfo: Any) -> None:
    """The desk's first page: without this its script does nothing at all. It never raises."""
    try:
        if APP in frappe.get_installed_apps() and frappe.session.user != "Guest" and shown():
            bootinfo["job_console_own_jobs"] = 1
    except Exception:
        logs.logger().error("The desk is opened without My Jobs.", exc_info=True)


def onload(doc: Any, method: str | None = None) -> None:
    """A form is loaded: say in the same answer whether a job works on its document. It never raises."""
    global _unreachable_until
    if doc.is_new() or monotonic() < _unreachable_until:
        return
    try:
        if _jobs_of((doc.doctype, str(doc.name))):
            doc.set_onload("job_console_jobs", 1)
    except JobConsoleError:
        _unreachable_until = monotonic() + _PAUSE_S
    except Exception:
        _unreachable_until = monotonic() + _PAUSE_S
        logs.logger().error("A form is loaded without its jobs.", exc_info=True)


def _jobs_of(document: Document) -> int:
    """How many are worth showing; 0 where the site shows none. One round trip, one more when its policies changed."""
    site, policies = frappe.local.site, engine().policies
    pipeline = pipelined(engine().redis)
    own_jobs.ask_document(pipeline, site, document, time())
    asks = policies.asks(site)
    if asks:
        store.version_of(pipeline, site)
    with reaching_redis():
        count, *version = pipeline.execute()
        if asks:
            policies.answered(site, version[0])
        if not count:
            return 0
        known = policies.known(site)
    return int(count) if known is not None and not known.hides_own_jobs else 0


def mine() -> dict[str, Any]:
    return _answer(_console().own_jobs.seen(_failed))


def of_document(doctype: str, name: str) -> dict[str, Any]:
    """Answers alike where there is no such document, no job, and none that the caller may know of."""
    return _answer(_console().own_jobs.seen(_failed, (doctype, name), _may_read((doctype, name))))


def cancel(job_id: str) -> dict[str, Any]:
    job = _console(may_act=True).own_jobs.cancel(job_id)
    _unlock(job)
    return {"id": job.id, "canceled": True}


def _console(may_act: bool = False) -> Console:
    if not shown():
        frappe.throw(_("This site shows nobody their background jobs."), frappe.PermissionError)
    return engine().console(Viewer(name=frappe.session.user, site=frappe.local.site, may_act=may_act))


def _answer(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        frappe.msgprint(_("You have asked very often. Wait a minute."))
        raise frappe.TooManyRequestsError
    for job in found["jobs"]:
        if job["doctype"] and not _may_read((job["doctype"], job["name"])):
            job.update(doctype=None, name=None)
    return found


def _may_read(document: Document) -> bool:
    """Of a name that somebody made up, False: nobody learns from it which documents there are."""
    doctype, name = document
    if not frappe.db.exists("DocType", doctype) or frappe.get_meta(doctype).is_virtual:
        return False
    if not frappe.db.exists(doctype, name):
        return False
    try:
        return bool(frappe.has_permission(doctype, "read", doc=name))
    except (frappe.DoesNotExistError, frappe.PermissionError):
        return False


def _failed(job_ids: Sequence[str]) -> set[str]:
    """Submissions that failed: Frappe catches what they raise, writes it into its own record, and ends well for RQ."""
    if not job_ids:
        return set()
    known = {"job_id": ("in", list(job_ids)), "status": "Failed"}
    return set(frappe.get_all(own_jobs.SUBMISSION, known, pluck="job_id"))


def _unlock(job: Job) -> None:
    """Frappe has locked the document until its action runs, and this one will not."""
    if job.call.document is None or not calls.is_action(job.call):
        return
    doctype, name = job.call.document
    if not frappe.db.exists(doctype, name):
        return
    frappe.get_doc(doctype, name).unlock()
    if doctype == own_jobs.SUBMISSION:
        words = _("Canceled by {0} before it began.").format(frappe.session.user)
        ended = {"status": "Failed", "ended_at": now(), "exception": words, "job_id": job.id}
        frappe.db.set_value(doctype, name, ended, update_modified=False)

"""Why a job was never enqueued: another one waited or ran under its key. It has no record; a note was kept of it."""

from __future__ import annotations

from ... import wording
from ...messages import _, joined
from ...models.jobs import Call, Detail, Job
from ...policies.unique import Refused
from ...rq.call import site_of_id
from .case import Case, Explanation, Reason

_STANDS = {
    "queued": _("That one still waits."),
    "started": _("That one is running."),
    "scheduled": _("That one waits for its time."),
    "deferred": _("That one waits for another job."),
    "failed": _("That one has failed since."),
    "finished": _("That one has finished since."),
    "canceled": _("That one was canceled since."),
    "stopped": _("That one was stopped since."),
    "vanished": _("That one is gone since."),
}


def as_detail(note: Refused) -> Detail:
    """The job that would have been."""
    call = Call(note.method, note.method, "method", site=note.site or site_of_id(note.job_id), user=note.user)
    job = Job(note.job_id, note.queue, "refused", call, created_at=note.at)
    return Detail(job, runs=(), position=None, result=None, dependents=(), expires_at=None)


def explain(case: Case, note: Refused, holder: Job) -> Explanation:
    text = _("It was refused as a duplicate of {of} {ago}: a job with the key {key!r} waited or ran already.")
    stands = _STANDS.get(holder.status) or _("That one is {status}.").format(status=wording.state(holder.status))
    text = joined((text.format(of=note.of, ago=case.ago(note.at), key=note.key), stands))
    return Explanation((Reason(text, {"duplicate_of": note.of, "key": note.key, "status": holder.status}),))

"""Why a job was never enqueued: another one waited or ran under its key. It has no record; a note was kept of it."""

from __future__ import annotations

from ...models.jobs import Call, Detail, Job
from ...policies.unique import Refused
from ...rq.call import site_of_id
from .case import Case, Explanation, Reason

_STANDS = {
    "queued": "still waits",
    "started": "is running",
    "scheduled": "waits for its time",
    "deferred": "waits for another job",
    "failed": "has failed since",
    "finished": "has finished since",
    "canceled": "was canceled since",
    "stopped": "was stopped since",
    "vanished": "is gone since",
}


def as_detail(note: Refused) -> Detail:
    """The job that would have been."""
    call = Call(note.method, note.method, "method", site=note.site or site_of_id(note.job_id), user=note.user)
    job = Job(note.job_id, note.queue, "refused", call, created_at=note.at)
    return Detail(job, runs=(), position=None, result=None, dependents=(), expires_at=None)


def explain(case: Case, note: Refused, holder: Job) -> Explanation:
    text = (
        f"It was refused as a duplicate of {note.of}{case.ago(note.at)}: a job with the key {note.key!r} waited or ran "
        f"already. That one {_STANDS.get(holder.status, 'is ' + holder.status)}."
    )
    return Explanation((Reason(text, {"duplicate_of": note.of, "key": note.key, "status": holder.status}),))

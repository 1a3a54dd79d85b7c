"""Actions that only the job's own process can do: pause, hand over, take more time. The job is asked, and its state is
then watched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic, sleep

from .. import wording
from ..look.reader import JobReader
from ..messages import _
from ..models.jobs import Job
from ..models.outcomes import Outcome
from ..progress import flags
from ..redis import keys
from ..redis.link import Redis
from . import limits
from .job_requests import send
from .request import Request

#: The actions of this module.
ACTIONS = (flags.PAUSE, flags.HAND_OVER, flags.MORE_TIME)
_DEAF = {
    flags.PAUSE: _("It does not commit chunk by chunk, so it has no place to go on from later: it cannot be paused."),
    flags.HAND_OVER: _("It does not commit chunk by chunk, so there is no rest to hand over."),
    flags.MORE_TIME: _("It tells nothing of its progress, so it does not hear either: nothing can give it more time."),
}
_ACCEPTED = {
    flags.PAUSE: _("It was asked, and pauses when its present chunk is committed."),
    flags.HAND_OVER: _("It was asked, and hands over when its present chunk is committed."),
    flags.MORE_TIME: _("It was asked, and has not answered yet."),
}
_ENDED = {
    flags.PAUSE: _("It ended by itself before it could pause: it is {status}."),
    flags.HAND_OVER: _("It ended by itself before it could hand over: it is {status}."),
    flags.MORE_TIME: _("It ended by itself before it got more time: it is {status}."),
}


def possible(job: Job, what: str) -> bool:
    """Whether this running job can do it."""
    progress = job.progress
    if job.status != "started" or progress is None or progress.from_frappe:
        return False
    if what == flags.MORE_TIME:
        return not progress.extended_s and bool(job.timeout_s and job.timeout_s > 0)
    return progress.chunks is not None


def ask(
    redis: Redis, reader: JobReader, request: Request, jobs: Mapping[str, Job], job_ids: Sequence[str]
) -> dict[str, Outcome]:
    """Ask each, then watch for a while what really happens."""
    what = request.action
    outcomes: dict[str, Outcome] = {}
    waiting: list[str] = []
    for job_id in job_ids:
        job = jobs[job_id]
        if job.status != "started":
            outcomes[job_id] = _refused(job, job.status, wording.nothing_runs(job.status))
        elif job.progress is not None and what == flags.MORE_TIME and job.progress.extended_s:
            outcomes[job_id] = _refused(job, job.status, _("It was given more time before; it gets that once."))
        elif not possible(job, what):
            outcomes[job_id] = _refused(job, job.status, _DEAF[what])
        else:
            sent = send(redis, request, job, what, seconds=job.timeout_s or 0.0)
            if sent.failure is not None:
                outcomes[job_id] = sent.failure
            elif sent.state in ("asked", "already"):
                waiting.append(job_id)
            else:
                text = _("It is {state} by now: nothing runs.").format(state=wording.state(sent.state))
                outcomes[job_id] = _refused(job, sent.state, text)
    return outcomes | _watch(reader, what, waiting)


def _watch(reader: JobReader, what: str, waiting: list[str]) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    deadline = monotonic() + limits.STOP_WAIT_S
    while waiting:
        for job in reader.read(waiting):
            if _has_left(reader.redis, job) or (what == flags.MORE_TIME and job.progress and job.progress.extended_s):
                outcomes[job.id] = _done(job, what)
                waiting.remove(job.id)
        if waiting and monotonic() > deadline:
            break
        sleep(0.05 if waiting else 0)
    return outcomes | {job_id: Outcome(job_id, True, "started", "started", _ACCEPTED[what]) for job_id in waiting}


def _has_left(redis: Redis, job: Job) -> bool:
    """Whether the job is in the registry of scheduled jobs, as RQ writes the status one round trip before that."""
    if job.status == "scheduled":
        return redis.zscore(keys.registry("scheduled", job.queue), job.id) is not None
    return job.status != "started"


def _done(job: Job, what: str) -> Outcome:
    if job.status == "started" and job.progress is not None:
        return Outcome(
            job.id,
            True,
            "started",
            "started",
            _("It has {extended_s:.0f} s more.").format(extended_s=job.progress.extended_s),
        )
    left = job.progress is not None and job.progress.chunks is not None and job.status in ("queued", "scheduled")
    ended = "" if left else _ENDED[what].format(status=wording.state(job.status))
    return Outcome(job.id, left, "started", job.status, ended)


def _refused(job: Job, after: str, why: str) -> Outcome:
    return Outcome(job.id, False, job.status, after, why)

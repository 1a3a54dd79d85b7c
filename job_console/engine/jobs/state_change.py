"""Changes the state of jobs: Redis checks, acts and writes the audit trail in one step (lua/transition.lua).

So there is no action without its entry in the trail, and no entry without its action; on a server that is full, failing
or read-only either both are done or neither, and the outcome says which.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from time import sleep
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .. import wording
from ..history import audit
from ..history import limits as history_limits
from ..messages import _, joined
from ..models.jobs import Job
from ..models.outcomes import AuditEntry, Outcome
from ..policies import limits as policies_limits
from ..redis import keys
from ..redis.link import Redis, answers, denied, pipelined, refused, said, server_time
from ..redis.transition import MAY_STAND_ELSEWHERE, Step, send
from ..rq.call import site_mark
from ..rq.records import text
from . import deep_queues, limits

if TYPE_CHECKING:
    from .request import Request

_DENIED = _(
    "Nothing was done: our user of Redis may not use all that this needs (ACL). It is "
    "another bench's job, or the user lacks the keys {ours}*."
).format(ours=keys.OURS)
NOT_AUDITED = _("It was done, but could not be written into the audit trail.")


def change(
    redis: Redis, request: Request, jobs: dict[str, Job], job_ids: Sequence[str], lanes: tuple[str, ...] = ()
) -> dict[str, Outcome]:
    """Change the state of these jobs, in pipelines of a hundred: each job is one atomic step, all together are not.

    `lanes`: of the bench. The audit trail has what was done, and only that. Returns one outcome for each job.
    """
    call = uuid4().hex
    outcomes, unsure = _transit(redis, request, jobs, job_ids, call, lanes)
    if unsure:
        # A job that a worker took a moment ago looks like a ghost, and would run twice, or after it was deleted.
        sleep(policies_limits.GHOST_WAIT_S)
        queue = request.queue if request.action == "clear" else None
        absent = deep_queues.absent(redis, unsure, queue, lanes if request.action in MAY_STAND_ELSEWHERE else ())
        proven = {job_id: said for job_id, said in absent.items() if said is not None}
        changed, moved = _transit(redis, request, jobs, list(proven), call, lanes, proven)
        outcomes |= changed
        outcomes |= {job_id: _unproven(jobs[job_id], _TOO_DEEP) for job_id in absent.keys() - proven.keys()}
        outcomes |= {job_id: _unproven(jobs[job_id], _MOVED) for job_id in moved}
    return outcomes


def _transit(
    redis: Redis,
    request: Request,
    jobs: dict[str, Job],
    job_ids: Sequence[str],
    call: str,
    lanes: tuple[str, ...],
    absent: Mapping[str, str] | None = None,
) -> tuple[dict[str, Outcome], list[str]]:
    """(the outcomes, the ids that must be tried again). `absent`: of the second try, see `deep_queues`."""
    now = server_now(redis)
    outcomes: dict[str, Outcome] = {}
    unsure: list[str] = []
    for start in range(0, len(job_ids), 100):
        chunk = [jobs[job_id] for job_id in job_ids[start : start + 100]]
        steps = [
            _step(request, job, now, call, absent is not None, "" if absent is None else absent[job.id], lanes)
            for job in chunk
        ]
        for step, answer in zip(steps, _answers(redis, steps), strict=True):
            if isinstance(answer, Exception):
                outcomes[step.job_id] = not_done(step.job_id, jobs[step.job_id].status, answer)
            elif answer[0] == b"unsure":
                unsure.append(step.job_id)
            else:
                outcomes[step.job_id] = _outcome(request, step, answer)
    return outcomes, unsure


def _answers(redis: Redis, steps: Sequence[Step]) -> list[Any]:
    pipeline = pipelined(redis)
    for step in steps:
        send(pipeline, step)
    return answers(pipeline, len(steps))


def _step(
    request: Request, job: Job, now: datetime, call: str, sure: bool, absent: str, lanes: tuple[str, ...]
) -> Step:
    entry = audit.fields(
        actor=request.actor,
        action=request.action,
        reason=request.reason,
        queue=job.queue or request.queue,
        site=job.site,
        method=method_of(job),
    )
    queue = (request.queue or "") if request.action == "clear" else job.queue
    return Step(job.id, queue, request.action, now, _argument(request, job), sure, call, absent, entry, lanes)


def reported(request: Request, job: Job, state_after: str, detail: str = "") -> tuple[str, ...]:
    """The entry in the trail of what is done to a job by another step than a transition."""
    return audit.of(
        AuditEntry(
            actor=request.actor,
            action=request.action,
            job_id=job.id,
            ok=True,
            state_before=job.status,
            state_after=state_after,
            reason=request.reason,
            queue=job.queue,
            site=job.site,
            detail=detail,
            method=method_of(job),
        )
    )


def method_of(job: Job) -> str:
    """As the trail names it: also when its record is gone. "" for what cannot be read."""
    return "" if job.call.kind == "unreadable" else job.call.method[: history_limits.METHOD_CHARS]


def _argument(request: Request, job: Job) -> str:
    if request.action == "move":
        return request.to or ""
    if request.action == "clear":
        return request.queue or ""
    if request.action == "retry":
        # Whatever it was when we read it: it may have finished since, and then a copy needs a name.
        return new_id(job.id)
    if request.action == "fail":
        cause = f"Job Console: marked as failed by {request.actor}: its worker is gone. {request.reason}".strip()
        return base64.b64encode(zlib.compress(cause.encode())).decode()
    return ""


def new_id(job_id: str) -> str:
    """A fresh id that keeps Frappe's mark of the site (`SITE||`, `SITE::`)."""
    return f"{site_mark(job_id)}{uuid4()}"


_REFUSALS = {
    "cancel": _("only waiting jobs can be canceled"),
    "retry": _("only failed, stopped, canceled or finished jobs can be retried"),
    "delete": _("a running job cannot be deleted; stop it first"),
    "move": _("only queued jobs can be moved"),
    "front": _("only queued jobs can go to the front"),
    "requeue": _(
        "only what nothing else will bring to run can be put back (a ghost, what lost its worker, is overdue, "
        "also as RQ's Repeat, or waits for others in vain)"
    ),
    "fail": _("only a ghost, or a job whose worker is gone, can be marked as failed"),
    "free": _("only the id of a ghost can be freed"),
    "clear": _("the id has a record after all"),
    "unpause": _("only what is paused, or waits for its other parts, can be resumed"),
}


def missing(job_id: str) -> Outcome:
    return Outcome(job_id, False, "missing", "missing", _("There is no such job: it never existed, or has expired."))


_TOO_DEEP = _(
    "Its queue is so deep that {seconds:.0f} s were too short to go through it, and it may stand there. "
    "Nothing was changed: try again."
)
_MOVED = _("It was moved within its deep queue while it was looked for. Nothing was changed: try again.")


def _unproven(job: Job, why: str) -> Outcome:
    return Outcome(job.id, False, job.status, job.status, why.format(seconds=limits.DEEP_QUEUES_S))


def not_done(job_id: str, state: str, error: Exception) -> Outcome:
    """Of a step that ended in this error. Only what the server itself refused is known not to be done."""
    if denied(error):
        return Outcome(job_id, False, state, state, _DENIED)
    if refused(error):
        return Outcome(job_id, False, state, state, joined((said(error), _("Nothing was changed."))))
    unknown = joined((said(error), _("Whether it was done is not known: look again.")))
    return Outcome(job_id, False, state, "unknown", unknown)


def _outcome(request: Request, step: Step, answer: Sequence[Any]) -> Outcome:
    verdict, before, after, *rest = (text(part) or "" for part in answer)
    note = "".join(rest)
    if verdict == "missing":
        return missing(step.job_id)
    if verdict == "refused":
        return Outcome(
            step.job_id,
            False,
            before,
            after,
            _("It is {state}: {why}.").format(
                state=wording.state(before), why=_REFUSALS.get(request.action, _("that is not possible"))
            ),
        )
    if verdict == "broken":
        reason = _("The key {note} holds something else than RQ's data. Nothing was changed.").format(note=note)
        return Outcome(step.job_id, False, before, after, reason)
    if verdict == "running":
        reason = _(
            "Worker {worker} still runs it: put back now, it would run twice at once. Nothing was changed."
        ).format(worker=note)
        return Outcome(step.job_id, False, before, after, reason)
    if verdict == "elsewhere":
        reason = _(
            "Its record says {before}, but it is no longer there: a worker took it a moment ago, or it is a ghost."
        ).format(before=before)
        return Outcome(step.job_id, False, before, after, reason)
    copied = request.action == "retry" and before == "finished"
    reason = joined((_otherwise(request.action, after), NOT_AUDITED if note else ""))
    return Outcome(step.job_id, True, before, after, reason, new_job_id=step.argument if copied else None)


def _otherwise(action: str, after: str) -> str:
    """What happened when it is something else than the action's name says."""
    if action == "fail" and after in ("queued", "scheduled"):
        if after == "queued":
            return _("Attempts of RQ's own are left, so it went back to its queue, as RQ's maintenance does it.")
        return _("Attempts of RQ's own are left, so it waits for its next attempt, as RQ's maintenance does it.")
    if action == "retry" and after == "deferred":
        return _("It waits again for what it waited for before: that has not ended yet.")
    return ""


def server_now(redis: Redis) -> datetime:
    return server_time(redis.time())

"""Every write: authorise, check, perform, look again, audit. One runner for all actions, on one job or many.

The check and the change are one step in Redis (lua/transition.lua), so an action that loses a race changes nothing.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import sleep
from typing import Any
from uuid import uuid4

from rq.suspension import resume

from . import audit, keys, limits, repeat, stopping
from .call import site_mark
from .errors import BadRequest
from .link import Redis, denied, pipelined, raise_first, script
from .models import AuditEntry, Bench, Job, Outcome
from .progress import asking
from .reader import JobReader
from .records import text
from .retries import circuit
from .scope import Scope
from .snapshot import server_time

#: Which states each action takes; `orphan` and the bench's own `suspended` are no job's state.
STATES: dict[str, tuple[str, ...]] = {
    "cancel": ("queued", "deferred", "scheduled"),
    "stop": ("started",),
    "stop_gently": ("started",),
    "retry": ("failed", "stopped", "canceled", "finished"),
    "front": ("queued",),
    "move": ("queued",),
    "delete": ("queued", "deferred", "scheduled", "failed", "stopped", "canceled", "finished"),
    "requeue": ("queued", "started", "scheduled", "deferred"),
    "fail": ("queued", "started"),
    "free": ("queued",),
    "clear": ("orphan",),
    "resume": ("suspended",),
    "pause": ("started",),
    "unpause": ("scheduled",),
    "hand_over": ("started",),
    "more_time": ("started",),
    "close_circuit": ("queued", "started", "scheduled", "failed", "finished"),
}
#: Offered on every job of the right state; the others only as a warning's remedy.
_EVERYDAY = ("cancel", "stop_gently", "stop", "retry", "front", "move", "delete", "pause", "unpause")
#: On a bench shared by several sites these touch everybody's work.
_BENCH_WIDE = ("resume",)


@dataclass(frozen=True, slots=True)
class Request:
    action: str
    actor: str
    reason: str = ""
    to: str | None = None
    queue: str | None = None
    #: The run that is meant, by when it started: the runs of a schedule all have one id.
    started_at: datetime | None = None


def offered(job: Job) -> list[str]:
    """Actions that this job's state allows now."""
    return [action for action in _EVERYDAY if job.status in STATES[action] and _possible(action, job)]


def _possible(action: str, job: Job) -> bool:
    """Whether the job is one that this can be done to, besides its state."""
    if action == "pause":
        return asking.possible(job, action) and action not in job.asked
    return action != "unpause" or (job.progress is not None and job.progress.parked is not None)


def run(
    redis: Redis, reader: JobReader, bench: Bench, scope: Scope, request: Request, job_ids: Sequence[str]
) -> list[Outcome]:
    """Do `request` to each job, in order; one outcome each. Raises BadRequest or Forbidden before anything is done."""
    _check(bench, request, job_ids)
    if request.action in _BENCH_WIDE:
        return _resume(redis, request, bench, scope)
    jobs = dict(zip(job_ids, reader.read(list(job_ids)), strict=True))
    allowed = [job_id for job_id in job_ids if _in_scope(jobs[job_id], scope, request)]
    done = _without_a_word(bench, request, [jobs[job_id] for job_id in allowed])
    done |= _of_another_run(request, [jobs[job_id] for job_id in allowed])
    done |= _do(redis, reader, request, jobs, [job_id for job_id in allowed if job_id not in done])
    outcomes = [done.get(job_id) or _missing(job_id) for job_id in job_ids]
    audit.record(redis, [_entry(request, outcome, jobs[outcome.job_id], scope) for outcome in outcomes])
    return outcomes


def _without_a_word(bench: Bench, request: Request, jobs: Sequence[Job]) -> dict[str, Outcome]:
    """Those whose policy wants a reason before they run again, and that have none."""
    if request.action != "retry":
        return {}
    refused = {job.id: repeat.refusal(job, bench.policies.of(job), request.reason) for job in jobs}
    states = {job.id: job.status for job in jobs}
    return {
        job_id: Outcome(job_id, False, states[job_id], states[job_id], why) for job_id, why in refused.items() if why
    }


def _of_another_run(request: Request, jobs: Sequence[Job]) -> dict[str, Outcome]:
    """Those that are not in the run any more that somebody saw."""
    why = "The run that was meant has ended; what has its id by now is another one."
    return {
        job.id: Outcome(job.id, False, job.status, job.status, why)
        for job in jobs
        if request.started_at is not None and job.started_at != request.started_at
    }


def _do(
    redis: Redis, reader: JobReader, request: Request, jobs: dict[str, Job], job_ids: Sequence[str]
) -> dict[str, Outcome]:
    if request.action == "stop":
        return stopping.stop(redis, reader, request.actor, request.reason, jobs, job_ids)
    if request.action == "stop_gently":
        return stopping.climb(redis, reader, request.actor, request.reason, jobs, job_ids)
    if request.action == "close_circuit":
        return circuit.close_of(redis, jobs, job_ids)
    if request.action in asking.ACTIONS:
        return asking.ask(redis, reader, request.action, request.actor, request.reason, jobs, job_ids)
    return _change(redis, request, jobs, job_ids)


def _check(bench: Bench, request: Request, job_ids: Sequence[str]) -> None:
    if request.action not in STATES:
        raise BadRequest(f"There is no action {request.action!r}; the actions are {', '.join(STATES)}.")
    if len(request.reason) > limits.REASON_CHARS:
        raise BadRequest(f"A reason has at most {limits.REASON_CHARS} characters.")
    if request.action not in _BENCH_WIDE and not job_ids:
        raise BadRequest("Name at least one job.")
    if len(set(job_ids)) != len(job_ids):
        raise BadRequest("A job is named twice.")
    if request.action == "stop_gently" and len(job_ids) > limits.GENTLE_JOBS:
        raise BadRequest(f"At most {limits.GENTLE_JOBS} jobs are stopped gently at once; {len(job_ids):,} were named.")
    if len(job_ids) > limits.BULK_JOBS:
        raise BadRequest(f"At most {limits.BULK_JOBS:,} jobs at once; {len(job_ids):,} were named.")
    for name, action in ((request.to, "move"), (request.queue, "clear")):
        if request.action == action and bench.lane(name or "") is None:
            known = ", ".join(lane.name for lane in bench.lanes) or "none"
            raise BadRequest(f"There is no queue {name!r}; the queues are {known}.")


def _in_scope(job: Job, scope: Scope, request: Request) -> bool:
    if request.action == "clear" and job.status == "vanished":
        return scope.may_own(job.id) and (scope.site is None or job.site == scope.site)
    return job.status != "vanished" and scope.owns(job)


def _missing(job_id: str) -> Outcome:
    return Outcome(job_id, False, "missing", "missing", "There is no such job: it never existed, or has expired.")


def server_now(redis: Redis) -> datetime:
    return server_time(redis.time())


def _change(redis: Redis, request: Request, jobs: dict[str, Job], job_ids: Sequence[str]) -> dict[str, Outcome]:
    """All of them in pipelines of a hundred: each job is one atomic step, the lot is not."""
    outcomes, unsure = _transit(redis, request, jobs, job_ids, sure=False)
    if unsure:
        # What a worker took a moment ago looks like a ghost, and would run twice, or after it was deleted.
        sleep(limits.GHOST_WAIT_S)
        outcomes |= _transit(redis, request, jobs, unsure, sure=True)[0]
    return outcomes


def _transit(
    redis: Redis, request: Request, jobs: dict[str, Job], job_ids: Sequence[str], sure: bool
) -> tuple[dict[str, Outcome], list[str]]:
    """(outcomes, the ids that must be asked for again)."""
    now = server_now(redis)
    outcomes: dict[str, Outcome] = {}
    unsure: list[str] = []
    for start in range(0, len(job_ids), 100):
        chunk = job_ids[start : start + 100]
        arguments = [_argument(request, jobs[job_id]) for job_id in chunk]
        pipeline = pipelined(redis)
        for job_id, argument in zip(chunk, arguments, strict=True):
            touched = _touched(request, jobs[job_id], argument)
            pipeline.eval(
                script("circuit_held") + script("transition"), len(touched), *touched,
                job_id, request.action, iso(now), now.timestamp(), argument, int(sure),
            )  # fmt: skip
        answers = pipeline.execute(raise_on_error=False)
        raise_first(answers, unless=denied)
        for job_id, argument, answer in zip(chunk, arguments, answers, strict=True):
            if denied(answer):
                state = jobs[job_id].status
                outcomes[job_id] = Outcome(job_id, False, state, state, _DENIED)
            elif answer[0] == b"unsure":
                unsure.append(job_id)
            else:
                outcomes[job_id] = _outcome(request, job_id, argument, answer)
    return outcomes, unsure


_DENIED = (
    "Nothing was done: our user of Redis may not use all that this needs (ACL). It is another bench's job, or the user "
    f"lacks the keys {keys.OURS}*."
)


def _touched(request: Request, job: Job, argument: str) -> list[str]:
    """The keys of the step, the job's hash first."""
    if request.action == "clear":
        return keys.of_change(job.id, argument)
    more = {"move": [keys.queue(argument)], "retry": [keys.job(argument)]}
    return keys.of_change(job.id, job.queue, *more.get(request.action, []))


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
    "cancel": "only waiting jobs can be canceled",
    "retry": "only failed, stopped, canceled or finished jobs can be retried",
    "delete": "a running job cannot be deleted; stop it first",
    "move": "only queued jobs can be moved",
    "front": "only queued jobs can go to the front",
    "requeue": "only what nothing else will bring to run can be put back (a ghost, what lost its worker, is overdue, "
    "or waits for others in vain)",
    "fail": "only a ghost, or a job whose worker is gone, can be marked as failed",
    "free": "only the id of a ghost can be freed",
    "clear": "the id has a record after all",
    "unpause": "only what is paused, or waits for its other parts, can be resumed",
}


def _outcome(request: Request, job_id: str, argument: str, answer: Sequence[Any]) -> Outcome:
    verdict, before, after = (text(part) or "" for part in answer)
    if verdict == "missing":
        return _missing(job_id)
    if verdict == "refused":
        return Outcome(job_id, False, before, after, f"It is {before}: {_REFUSALS[request.action]}.")
    if verdict == "elsewhere":
        reason = (
            f"Its record says {before}, but it is no longer there: a worker took it a moment ago, or it is a ghost."
        )
        return Outcome(job_id, False, before, after, reason)
    copied = request.action == "retry" and before == "finished"
    return Outcome(job_id, True, before, after, new_job_id=argument if copied else None)


def _resume(redis: Redis, request: Request, bench: Bench, scope: Scope) -> list[Outcome]:
    before = "suspended" if redis.exists(keys.SUSPENDED) else "running"
    if before == "suspended":
        resume(redis)
    outcome = Outcome(
        "", before == "suspended", before, "running", "" if before == "suspended" else "It was not suspended."
    )
    audit.record(redis, [_entry(request, outcome, None, scope)])
    return [outcome]


def _entry(request: Request, outcome: Outcome, job: Job | None, scope: Scope) -> AuditEntry:
    known = job is not None and outcome.state_before != "missing"
    return AuditEntry(
        actor=request.actor,
        action=request.action,
        job_id=outcome.job_id,
        ok=outcome.ok,
        state_before=outcome.state_before,
        state_after=outcome.state_after,
        reason=request.reason or outcome.reason,
        queue=(job.queue if job and known else None) or request.queue,
        site=job.site if job and known else scope.site,
        detail=outcome.new_job_id or request.to or "",
    )


def iso(moment: datetime) -> str:
    """As RQ writes times (`rq.utils.utcformat`), so that they compare as text."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

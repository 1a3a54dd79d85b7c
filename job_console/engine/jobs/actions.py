"""Every write: authorise, check, perform, look again, audit. One runner for all actions, on one job or many.

The check, the change and its entry in the trail are one step in Redis (`state_change`), so an action that loses a race
changes nothing, and what was done is in the trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..errors import BadRequest
from ..history import audit
from ..look.reader import JobReader
from ..messages import _, joined
from ..models.bench import Bench
from ..models.jobs import Job
from ..models.outcomes import AuditEntry, Outcome
from ..progress import limits as progress_limits
from ..redis import keys
from ..redis import limits as redis_limits
from ..redis.link import Redis, script
from ..scope import Scope
from ..stacks import liveness
from . import circuits, cooperative, limits, repeat, state_change, stopping
from .request import Request

#: Which states each action takes; `orphan` and the bench's own `suspended` are no job's state.
STATES: dict[str, tuple[str, ...]] = {
    "cancel": ("queued", "deferred", "scheduled"),
    "stop": ("started",),
    "stop_gently": ("started",),
    "retry": ("failed", "stopped", "canceled", "finished"),
    "front": ("queued",),
    "move": ("queued",),
    "delete": ("created", "queued", "deferred", "scheduled", "failed", "stopped", "canceled", "finished"),
    "requeue": ("queued", "started", "scheduled", "deferred", "finished"),
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
#: A process is asked, and may obey. The request is in the trail already (`job_requests`); its result follows.
_REPORTED_AFTER = ("stop", "stop_gently", *cooperative.ACTIONS)
#: On a bench shared by several sites these touch everybody's work.
BENCH_WIDE = ("resume",)


def offered(job: Job) -> list[str]:
    """Actions that this job's state allows now."""
    return [action for action in _EVERYDAY if job.status in STATES[action] and _possible(action, job)]


def _possible(action: str, job: Job) -> bool:
    """Whether the job is one that this can be done to, besides its state."""
    if action == "pause":
        return cooperative.possible(job, action) and action not in job.asked
    return action != "unpause" or (job.progress is not None and job.progress.parked is not None)


def run(
    redis: Redis, reader: JobReader, bench: Bench, scope: Scope, request: Request, job_ids: Sequence[str]
) -> list[Outcome]:
    """Do `request` to each job, in order; one outcome each. Raises BadRequest or Forbidden before anything is done."""
    check(bench, request, job_ids)
    if request.action in BENCH_WIDE:
        return _resume(redis, request, bench, scope)
    jobs = dict(zip(job_ids, reader.read(list(job_ids)), strict=True))
    allowed = [job_id for job_id in job_ids if _in_scope(jobs[job_id], scope, request)]
    done = _without_a_word(bench, request, [jobs[job_id] for job_id in allowed])
    done |= _that_would_end_workers(request, [jobs[job_id] for job_id in allowed])
    done |= _of_another_run(request, [jobs[job_id] for job_id in allowed])
    lanes = tuple(lane.name for lane in bench.lanes if not lane.broken)
    done |= _do(redis, reader, request, jobs, [job_id for job_id in allowed if job_id not in done], lanes)
    outcomes = [done.get(job_id) or state_change.missing(job_id) for job_id in job_ids]
    return _reported(redis, request, outcomes, jobs, scope)


def _reported(
    redis: Redis, request: Request, outcomes: list[Outcome], jobs: dict[str, Job], scope: Scope
) -> list[Outcome]:
    """With an entry in the trail for each that has none, or a note that it got none."""
    recorded = [outcome.ok and request.action not in _REPORTED_AFTER for outcome in outcomes]
    entries = [
        _entry(request, outcome, jobs[outcome.job_id], scope)
        for outcome, known in zip(outcomes, recorded, strict=True)
        if not known
    ]
    if audit.try_to_record(redis, entries):
        return outcomes
    return [
        replace(outcome, reason=joined((outcome.reason, state_change.NOT_AUDITED)))
        if outcome.ok and not known
        else outcome
        for outcome, known in zip(outcomes, recorded, strict=True)
    ]


def _without_a_word(bench: Bench, request: Request, jobs: Sequence[Job]) -> dict[str, Outcome]:
    """Those whose policy wants a reason before they run again, and that have none."""
    if request.action != "retry":
        return {}
    refused = {job.id: repeat.refusal(job, bench.policies.of(job), request.reason) for job in jobs}
    states = {job.id: job.status for job in jobs}
    return {
        job_id: Outcome(job_id, False, states[job_id], states[job_id], why) for job_id, why in refused.items() if why
    }


def _that_would_end_workers(request: Request, jobs: Sequence[Job]) -> dict[str, Outcome]:
    """Those that RQ cannot load: in a queue each ends the worker that takes it, one after the other."""
    if request.action not in ("requeue", "retry"):
        return {}
    text = _("RQ cannot load its record, {problem}: it would end each worker that takes it. Nothing was done.")
    return {
        job.id: Outcome(job.id, False, job.status, job.status, text.format(problem=job.unloadable))
        for job in jobs
        if job.unloadable
    }


def _of_another_run(request: Request, jobs: Sequence[Job]) -> dict[str, Outcome]:
    """Those that are not in the run any more that somebody saw."""
    why = _("The run that was meant has ended; what has its id by now is another one.")
    return {
        job.id: Outcome(job.id, False, job.status, job.status, why)
        for job in jobs
        if request.started_at is not None and job.started_at != request.started_at
    }


def _do(
    redis: Redis,
    reader: JobReader,
    request: Request,
    jobs: dict[str, Job],
    job_ids: Sequence[str],
    lanes: tuple[str, ...],
) -> dict[str, Outcome]:
    if request.action == "stop":
        return stopping.stop(redis, reader, request, jobs, job_ids)
    if request.action == "stop_gently":
        return stopping.climb(redis, reader, request, jobs, job_ids)
    if request.action == "close_circuit":
        return circuits.close(redis, request, jobs, job_ids)
    if request.action in cooperative.ACTIONS:
        return cooperative.ask(redis, reader, request, jobs, job_ids)
    if request.action in ("fail", "requeue"):
        # What this host knows of their workers' processes counts in the step itself.
        liveness.publish(redis, {name for job_id in job_ids if (name := jobs[job_id].worker)})
    return state_change.change(redis, request, jobs, job_ids, lanes)


def check(bench: Bench, request: Request, job_ids: Sequence[str]) -> None:
    """Raises BadRequest for what can be done to none."""
    if request.action not in STATES:
        raise BadRequest(
            _("There is no action {action!r}; the actions are {states}.").format(
                action=request.action, states=", ".join(STATES)
            )
        )
    if len(request.reason) > progress_limits.REASON_CHARS:
        raise BadRequest(
            _("A reason has at most {reason_chars} characters.").format(reason_chars=progress_limits.REASON_CHARS)
        )
    if request.action not in BENCH_WIDE and not job_ids:
        raise BadRequest(_("Name at least one job."))
    if len(set(job_ids)) != len(job_ids):
        raise BadRequest(_("A job is named twice."))
    if request.action == "stop_gently" and len(job_ids) > limits.GENTLE_JOBS:
        raise BadRequest(
            _("At most {gentle_jobs} jobs are stopped gently at once; {count:,} were named.").format(
                gentle_jobs=limits.GENTLE_JOBS, count=len(job_ids)
            )
        )
    if len(job_ids) > limits.BULK_JOBS:
        raise BadRequest(
            _("At most {bulk_jobs:,} jobs at once; {count:,} were named.").format(
                bulk_jobs=limits.BULK_JOBS, count=len(job_ids)
            )
        )
    for name, action in ((request.to, "move"), (request.queue, "clear")):
        if request.action == action and bench.lane(name or "") is None:
            known = ", ".join(lane.name for lane in bench.lanes) or "none"
            raise BadRequest(_("There is no queue {name!r}; the queues are {known}.").format(name=name, known=known))


def _in_scope(job: Job, scope: Scope, request: Request) -> bool:
    if request.action == "clear" and job.status == "vanished":
        return scope.may_own(job.id) and (scope.site is None or job.site == scope.site)
    return job.status != "vanished" and scope.owns(job)


def _resume(redis: Redis, request: Request, bench: Bench, scope: Scope) -> list[Outcome]:
    outcome = Outcome("", True, "suspended", "running")
    names, reported = (
        (keys.SUSPENDED, keys.AUDIT, keys.AUDIT_JOBS, keys.HOLDS),
        audit.of(_entry(request, outcome, None, scope)),
    )
    answer: Any = redis.eval(script("trail") + script("resume"), 4, *names, redis_limits.AUDIT_ENTRIES, *reported)
    if not answer[0]:
        outcome = Outcome("", False, "running", "running", _("It was not suspended."))
        audit.try_to_record(redis, [_entry(request, outcome, None, scope)])
    elif answer[1]:
        outcome = replace(outcome, reason=state_change.NOT_AUDITED)
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
        method=state_change.method_of(job) if job and known else "",
    )

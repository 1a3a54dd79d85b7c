"""The sweep's part of retries: it enqueues what is due, and decides about failures that no hook has seen.

A process that is killed runs no hook: RQ's worker marks its job as failed or, when the worker was killed too, nobody.
Where the application gave the job a `Retry` of RQ's with an interval, RQ's worker schedules it, and nobody moves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ..jobs import actions
from ..jobs.request import Request
from ..models.bench import Bench
from ..models.jobs import Job
from ..models.policies import Policy
from ..models.policy_match import Policies
from ..models.retries import Tries
from ..models.warnings import Warning
from ..progress import flags
from ..progress.early_exit import StopAsked
from ..redis import keys
from ..redis.link import Redis, pipelined, reaching_redis
from ..retries import circuit, store
from ..retries.judge import Failed, chance, judge
from ..retries.models import AGAIN, of_run
from ..rq import endings
from ..rq.records import KILLS, text
from ..schedule import limits as schedule_limits
from ..scope import Scope
from . import limits
from .shared import Core
from .watch import Look

#: Codes of warnings that prove that a job's worker died with it.
_LOST = ("worker_lost", "ghost_started")
#: Codes that prove that the worker died before the job began, so that it has not run yet.
_NEVER_BEGAN = ("in_limbo", "ghost_queued")
#: Actions in the audit trail that mean that a person has decided.
_MARKED = "Job Console: marked as failed"
_STOPPED = StopAsked.__name__


def retry(engine: Core, look: Look) -> None:
    with reaching_redis():
        if look.bench.policies.policy_sets:
            _bury(engine, look)
            _judge_unseen(engine, look.bench)
        _forget_dead(engine, look.bench)
        _index_unseen(engine.redis, look.bench)
        while store.move_due(engine.redis, look.bench.at, limits.RETRIES_MOVED) == limits.RETRIES_MOVED:
            pass


def _bury(engine: Core, look: Look) -> None:
    """Mark jobs of dead workers as failed, by an action, so that it is in the audit trail."""
    left = {job.id: job for lane in look.bench.lanes for job in (*lane.running, *lane.intermediate)}
    left.update((ghost.job.id, ghost.job) for ghost in look.bench.ghosts)
    for warning in look.warnings:
        job = left.get(warning.job_id or "")
        policy = look.bench.policies.of(job) if job else None
        if job is None or policy is None or policy.lost == "ask":
            continue
        if warning.code in _LOST:
            _bury_one(engine, look, policy, job, warning)
        elif warning.code in _NEVER_BEGAN and policy.lost == "requeue":
            _act(engine, look, policy, "requeue", job, warning)


def _bury_one(engine: Core, look: Look, policy: Policy, job: Job, warning: Warning) -> None:
    lost = _as_lost(job, look.bench.at, warning.message)
    verdict = None if flags.TO_END & job.asked.keys() else judge(policy, job.tries, lost, chance())
    at_once = verdict is not None and _at_once(engine.redis, verdict, look.bench.at)
    if _act(engine, look, policy, "requeue" if at_once else "fail", job, warning) and verdict is not None:
        # A job that is back in its queue needs no entry: that would enqueue it once more, even when paused.
        store.note(engine.redis, job.id, job.queue, replace(verdict, next_at=None) if at_once else verdict)


def _act(engine: Core, look: Look, policy: Policy, action: str, job: Job, warning: Warning) -> bool:
    request = Request(action, f"policy {policy.name}", reason=warning.message)
    (outcome,) = actions.run(engine.redis, engine.reader, look.bench, Scope(), request, [job.id])
    engine.watch.forget()
    # With attempts of RQ's left it was not marked as failed, but is tried again: then nothing is to be judged.
    return outcome.ok and (action != "fail" or outcome.state_after == "failed")


def _at_once(redis: Redis, verdict: Tries, now: datetime) -> bool:
    """Whether the retry is enqueued now. False: the job waits in the failed registry, for its time or its circuit."""
    due = verdict.then == AGAIN and verdict.next_at is not None and verdict.next_at <= now
    return due and not circuit.is_open(redis, verdict.circuit)


def _as_lost(job: Job, at: datetime, message: str) -> Failed:
    return Failed(job.created_at, job.started_at, at, "WorkerLost", message, lost=True, circuit=_circuit(job))


def _judge_unseen(engine: Core, bench: Bench) -> None:
    for lane in bench.lanes:
        job_ids = _failed_ids(engine, lane.name, lane.counts.failed, bench.at)
        pipeline = pipelined(engine.redis)
        for job, tries in unseen(engine.reader.read(job_ids), bench.policies, bench.at):
            store.note(pipeline, job.id, job.queue, tries)
        pipeline.execute()


def _index_unseen(redis: Redis, bench: Bench) -> None:
    """RQ's own retries that are due, and that the hook of no run has put into our index."""
    for lane in bench.lanes:
        for job in () if lane.has_mover else lane.overdue:
            is_retry = job.status == "scheduled" and job.retries_left is not None and job.started_at is not None
            if is_retry and job.retry_at is None and job.progress is None and job.due_at is not None:
                store.index(redis, job.id, job.due_at)


def _forget_dead(engine: Core, bench: Bench) -> None:
    """Remove dead letters whose record is gone, or that somebody has retried otherwise."""
    for lane in bench.lanes:
        jobs = engine.reader.read(_ids(engine.redis, keys.dead(lane.name), lane.counts.dead, bench.at))
        # Its own run has just recorded that, while RQ still calls it started.
        gone = [job.id for job in jobs if job.status not in ("failed", "started")]
        if gone:
            engine.redis.zrem(keys.dead(lane.name), *gone)


def _failed_ids(engine: Core, queue: str, length: int, now: datetime) -> list[str]:
    """The ids of the jobs that failed last (see `endings`), and some of the others in turn."""
    if not length:
        return []
    registry, pipeline = keys.registry("failed", queue), pipelined(engine.redis)
    kept = engine.reader.kept.of("failed")
    for command, window in endings.windows("failed", now, limits.FAILED_UNSEEN_NEWEST, kept):
        getattr(pipeline, command)(registry, *window)
    newest = endings.entries(pipeline.execute())
    return list(dict.fromkeys([*newest, *_ids(engine.redis, registry, length, now)]))


def _ids(redis: Redis, registry: str, length: int, now: datetime) -> list[str]:
    """The newest ids of a registry, and some of the others in turn. One round trip."""
    if not length:
        return []
    most = limits.FAILED_UNSEEN_ROWS
    first = most * (int(now.timestamp() / schedule_limits.SWEEP_EVERY_S) % -(-length // most))
    pipeline = pipelined(redis)
    pipeline.zrevrange(registry, 0, most - 1)
    if first:
        pipeline.zrevrange(registry, first, first + most - 1)
    return list(dict.fromkeys(text(member) or "" for members in pipeline.execute() for member in members))


def unseen(jobs: Iterable[Job], policies: Policies, now: datetime) -> Iterator[tuple[Job, Tries]]:
    """The failed jobs that nothing has decided about, each with the decision."""
    for job in jobs:
        if job.status != "failed" or job.error is None or job.ended_at is None:
            continue
        if now - job.ended_at > timedelta(seconds=limits.FAILED_UNSEEN_S) or _seen(job):
            continue
        policy = policies.of(job)
        tries = judge(policy, job.tries, _as_failed(job, now), chance()) if policy else None
        if tries is not None:
            yield job, tries


def _seen(job: Job) -> bool:
    """Whether it is decided already: by its own run, by an earlier sweep, or because a person has ended the job."""
    if job.asked_to_end or (job.tries is not None and of_run(job.tries, job.started_at)):
        return True
    error = job.error
    return error is not None and (error.message.startswith(_MARKED) or error.type.rpartition(".")[2] == _STOPPED)


def _as_failed(job: Job, now: datetime) -> Failed:
    error, at = job.error, job.ended_at or now
    kind, message = (error.type, error.message) if error else ("Failed", "")
    return Failed(job.created_at, job.started_at, at, kind, message, lost=kind in KILLS, circuit=_circuit(job))


def _circuit(job: Job) -> str:
    return circuit.name(job.site, job.call.method)

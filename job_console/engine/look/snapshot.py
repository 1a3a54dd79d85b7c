"""Reads one snapshot of a whole bench: at most four round trips, whatever the queues hold, and no write.

RQ's own getters clean up as they read (`registry.get_job_ids`, `count`, `Worker.all`), so we read its keys ourselves.
Every command here is O(1), O(log n) or O(rows shown), but for SMEMBERS of queues and workers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..locks import registry
from ..models.bench import Bench, Lane, RedisHealth
from ..models.holds import QUEUE, WORKER, Hold, place
from ..models.jobs import Job
from ..models.locks import LockState
from ..models.retries import Circuit
from ..models.silences import Silence
from ..models.sweeps import DutyRecord, Memory
from ..models.workers import Worker
from ..operate import holds
from ..redis import keys
from ..redis.link import Pipeline, Redis, denied, pipelined, raise_first, server_time, wrong_type
from ..retries import circuit
from ..rq.records import text
from ..stacks import liveness
from . import limits, listening, memory, server_health, silences, unregistered, workers
from .lanes import LaneIds
from .lost_names import Names
from .reader import JobReader

#: The answer of PTTL for a key that does not exist; for one without a time to live it is -1.
_NO_KEY = -2
#: Frappe's own lanes come first, in the order in which its workers prefer them.
_USUAL_LANES = ("short", "default", "long")


def take(redis: Redis, reader: JobReader, queue_prefix: str = "", names: Names | None = None) -> Bench:
    """The bench now. `queue_prefix` keeps to one bench's queues where several share a Redis.

    `names`: what earlier looks of this process found; this look adds to it.
    """
    names = names or Names(queue_prefix)
    roots = _roots(redis, names)
    found, seen_workers, locks, unreadable = _lists(redis, roots, names, reader.kept.of("failed"))
    ids = [job_id for lane in found for job_id in lane.ids()] + [
        worker.job_id for worker in seen_workers if worker.job_id
    ]
    jobs = {job.id: job for job in reader.read(list(dict.fromkeys(ids)))}
    more = _more(redis, roots, jobs, unregistered.named(jobs.values(), seen_workers))
    lanes = tuple(lane.build(jobs) for lane in found)
    names.add(workers=(worker.name for worker in more.workers if worker.alive))
    asked = {worker.name for worker in more.workers}
    seen_workers = [*(worker for worker in seen_workers if worker.name not in asked), *more.workers]
    seen_workers = unregistered.with_lanes(seen_workers, lanes, names, roots.at)
    return Bench(
        at=roots.at,
        lanes=tuple(_lane(lane, roots) for lane in lanes),
        workers=tuple(_with_hold(worker, roots) for worker in seen_workers),
        redis=roots.health,
        suspended=roots.suspended,
        suspended_until=roots.suspended_until,
        held={worker.job_id: jobs[worker.job_id] for worker in seen_workers if worker.job_id},
        dependencies=more.dependencies,
        locks=tuple(locks),
        locks_are_cut=roots.locks_are_cut,
        duties=roots.duties,
        memory=roots.memory,
        circuits=roots.circuits,
        unreadable=unreadable,
        without_ours=roots.without_ours,
        silences=roots.silences,
        broken=roots.broken,
        suspension=holds.suspension(roots.holds, roots.suspended_until) if roots.suspended else None,
        holds=roots.holds,
    )


def _lane(lane: Lane, roots: _Roots) -> Lane:
    paused = roots.holds.get(place(QUEUE, lane.name))
    return replace(lane, paused=paused) if paused else lane


def _with_hold(worker: Worker, roots: _Roots) -> Worker:
    quiet = roots.holds.get(place(WORKER, worker.name))
    return replace(worker, quiet=quiet) if quiet else worker


@dataclass(frozen=True, slots=True)
class _More:
    """What is read because the jobs' records name it."""

    dependencies: dict[str, str | None]
    workers: list[Worker]


def _more(redis: Redis, roots: _Roots, jobs: Mapping[str, Job], strangers: Sequence[str]) -> _More:
    """Jobs that others wait for, and workers that RQ does not list. One round trip; on most benches none."""
    awaited = _awaited(jobs.values())
    if not (awaited or strangers):
        return _More({}, [])
    pipeline = pipelined(redis)
    _ask_statuses(pipeline, awaited)
    unregistered.ask(pipeline, strangers, roots.health)
    answers = pipeline.execute(raise_on_error=False)
    raise_first(answers[: len(awaited)], unless=wrong_type)
    of_strangers = answers[len(awaited) :]
    raise_first(of_strangers[: len(strangers) * unregistered.EACH], unless=_left_out)
    return _More(
        dependencies=_statuses(awaited, answers[: len(awaited)]),
        workers=unregistered.build(strangers, of_strangers),
    )


@dataclass(frozen=True, slots=True)
class _Roots:
    """The answers of the first round trip: the names of what the second one asks for."""

    at: datetime
    queues: list[str]
    workers: list[str]
    #: The queues and workers among them that RQ's own sets list.
    listed: set[str]
    suspended: bool
    suspended_until: datetime | None
    locks: list[str]
    locks_are_cut: bool
    health: RedisHealth
    duties: tuple[DutyRecord, ...]
    memory: Memory
    circuits: dict[str, Circuit]
    without_ours: bool
    silences: tuple[Silence, ...]
    holds: dict[str, Hold]
    #: RQ's own sets of queues and of workers, where they are of another type.
    broken: tuple[str, ...]


def _roots(redis: Redis, names: Names) -> _Roots:
    pipeline = pipelined(redis)
    pipeline.time()
    pipeline.smembers(keys.QUEUES)
    pipeline.smembers(keys.WORKERS)
    pipeline.pttl(keys.SUSPENDED)
    registry.ask_names(pipeline)
    memory.ask(pipeline, names.queue_prefix)
    circuit.ask(pipeline)
    silences.ask(pipeline, names.queue_prefix)
    holds.ask(pipeline)
    server_health.ask(pipeline)
    answers = pipeline.execute(raise_on_error=False)
    raise_first(answers[:4], unless=wrong_type)
    raise_first(answers[4:5], unless=denied)
    without_ours = denied(answers[4])
    server_health.check(answers[10])
    now = server_time(answers[0])
    queues, worker_names = _stripped(answers[1], keys.QUEUE_PREFIX), _stripped(answers[2], keys.WORKER_PREFIX)
    held = holds.read(answers[8], now)
    queues |= {hold.name for hold in held.values() if hold.kind == QUEUE}  # one that is paused before its first job
    ours = {name for name in queues if name.startswith(names.queue_prefix)}
    duties, seen = memory.read(answers[5], now)
    return _Roots(
        at=now,
        queues=sorted(ours | names.queues, key=_lane_order),
        workers=sorted(worker_names | names.workers),
        listed=queues | worker_names,
        suspended=answers[3] != _NO_KEY,
        suspended_until=now + timedelta(milliseconds=answers[3]) if answers[3] >= 0 else None,
        locks=[] if without_ours else registry.names(answers[4]),
        locks_are_cut=not without_ours and registry.are_cut(answers[4]),
        health=server_health.build(answers[9:]),
        duties=duties,
        memory=seen,
        circuits=circuit.read(answers[6]),
        silences=silences.read(answers[7], now),
        holds=held,
        broken=tuple(
            key for key, answer in ((keys.QUEUES, answers[1]), (keys.WORKERS, answers[2])) if wrong_type(answer)
        ),
        without_ours=without_ours,
    )


def _stripped(members: Any, prefix: str) -> set[str]:
    names = (text(member) or "" for member in members) if isinstance(members, set) else ()
    return {name.removeprefix(prefix) for name in names}


def _lane_order(name: str) -> tuple[int, str]:
    label = name.rpartition(":")[2]
    return (_USUAL_LANES.index(label) if label in _USUAL_LANES else len(_USUAL_LANES), name)


def _lists(
    redis: Redis, roots: _Roots, names: Names, kept: Sequence[float]
) -> tuple[list[LaneIds], list[Worker], list[LockState], tuple[str, ...]]:
    """Lanes, workers, locks; and the lanes that we may not read."""
    lanes = [LaneIds(name, roots.at, kept) for name in roots.queues]
    pipeline = pipelined(redis)
    for name in roots.locks:
        registry.ask(pipeline, name)
    for lane in lanes:
        lane.ask(pipeline)
        pipeline.smembers(keys.workers_of(lane.name))
    for name in roots.workers:
        workers.ask(pipeline, name)
        liveness.ask(pipeline, name)
    listening.ask(pipeline, roots.workers)
    *answers, listeners = pipeline.execute(raise_on_error=False)
    split = len(roots.locks) * registry.ANSWERS
    raise_first(answers[:split])
    raise_first(answers[split:], unless=_left_out)
    locks, rest = registry.build_all(roots.locks, answers[:split], roots.at), iter(answers[split:])
    worker_names: set[str] = set()
    with_comma: dict[str, set[str]] = {}
    for lane in lanes:
        lane.read(rest)
        listed = next(rest)
        if wrong_type(listed):
            lane.broken = (*lane.broken, keys.workers_of(lane.name))
        worker_names |= (serving := _stripped(listed, keys.WORKER_PREFIX))
        if "," in lane.name:
            with_comma[lane.name] = serving
    unreadable = {lane.name for lane in lanes if lane.unreadable}
    # Before the jobs are read: what a process wrote before its end is then seen.
    found = [
        worker
        for name in roots.workers
        if (worker := _worker(name, rest)) is not None and not (worker.queues and unreadable.issuperset(worker.queues))
    ]
    found = [workers.with_comma(worker, with_comma) for worker in found] if with_comma else found
    found = _ours(listening.judge(found, listeners), worker_names, roots, names)
    lanes = [lane for lane in lanes if not lane.unreadable and (lane.name in roots.listed or not lane.empty)]
    return lanes, found, [lock for lock in locks if lock.holders or lock.waiters], tuple(sorted(unreadable))


def _left_out(answer: object) -> bool:
    return wrong_type(answer) or denied(answer)


def _worker(name: str, answers: Iterator[Any]) -> Worker | None:
    record = [next(answers) for _ in range(workers.ANSWERS)]
    seen = [next(answers) for _ in range(liveness.ANSWERS)]
    built = workers.build(name, record)
    return liveness.judge(built, seen) if built is not None else None


def _ours(found: Sequence[Worker], worker_names: set[str], roots: _Roots, names: Names) -> list[Worker]:
    """The workers of this bench: others may use the same Redis. The record that a dead worker has left names no
    queues.
    """
    ours = [
        worker
        for worker in found
        if not names.queue_prefix
        or worker.name in worker_names
        or any(queue.startswith(names.queue_prefix) for queue in worker.queues)
        or (worker.unregistered and worker.name in names.workers)  # named by our own jobs
    ]
    names.add((queue for worker in ours for queue in worker.queues), worker_names - set(roots.workers))
    unlisted = {worker.name for worker in ours if worker.state == "gone"} - roots.listed
    names.forget(roots.listed, unlisted | roots.listed)
    return [worker for worker in ours if worker.name not in unlisted]


def statuses(redis: Redis, deferred: Iterable[Job]) -> dict[str, str | None]:
    """The status of the jobs that deferred ones wait for. One round trip, none without deferred jobs."""
    ids = _awaited(deferred)
    if not ids:
        return {}
    pipeline = pipelined(redis)
    _ask_statuses(pipeline, ids)
    answers = pipeline.execute(raise_on_error=False)
    raise_first(answers, unless=wrong_type)
    return _statuses(ids, answers)


def _awaited(jobs: Iterable[Job]) -> list[str]:
    deferred = sorted((job for job in jobs if job.status == "deferred"), key=lambda job: len(job.dependencies))
    ids = (awaited for job in deferred for awaited in job.dependencies)  # one with very many hides no other one
    return list(dict.fromkeys(ids))[: limits.AWAITED]


def _ask_statuses(pipeline: Pipeline, ids: Iterable[str]) -> None:
    for job_id in ids:
        pipeline.hmget(keys.job(job_id), "status", "created_at")


def _statuses(ids: Sequence[str], answers: Sequence[Any]) -> dict[str, str | None]:
    return {
        job_id: None if wrong_type(answer) else _status(answer) for job_id, answer in zip(ids, answers, strict=True)
    }


def _status(fields: Sequence[Any]) -> str | None:
    """RQ before 2.4.1 gives no state to a record that was made and not enqueued: it is not gone."""
    status, created_at = fields
    return text(status) or ("created" if created_at else None)

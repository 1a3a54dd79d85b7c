"""One look at a whole bench: at most four round trips, whatever the queues hold, and no trace of the look.

RQ's own getters clean up as they read (`registry.get_job_ids`, `count`, `Worker.all`), so we read its keys ourselves.
Every command here is O(1), O(log n) or O(rows shown), but for SMEMBERS of queues and workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from . import keys, limits, memory
from .lane_ids import LaneIds
from .link import Redis, pipelined
from .locks import registry
from .locks.models import LockState
from .models import Bench, DutyRecord, Lane, Memory, RedisHealth, Worker
from .reader import JobReader
from .records import moment, number, text

_WORKER_FIELDS = ("state", "queues", "current_job", "hostname", "pid", "birth", "last_heartbeat", "version")
#: Frappe's own lanes come first, in the order in which its workers prefer them.
_USUAL_LANES = ("short", "default", "long")


def take(redis: Redis, reader: JobReader, queue_prefix: str = "") -> Bench:
    """The bench now. `queue_prefix` keeps to one bench's queues where several share a Redis."""
    roots = _roots(redis, queue_prefix)
    found, workers, ids, locks = _lists(redis, roots, queue_prefix)
    jobs = dict(zip(ids, reader.read(ids), strict=True))
    lanes = tuple(lane.build(jobs) for lane in found)
    return Bench(
        at=roots.at,
        lanes=lanes,
        workers=tuple(workers),
        redis=roots.health,
        suspended=roots.suspended,
        held={worker.job_id: jobs[worker.job_id] for worker in workers if worker.job_id},
        dependencies=_dependencies(redis, lanes),
        locks=tuple(locks),
        duties=roots.duties,
        memory=roots.memory,
    )


def server_time(answer: Any) -> datetime:
    """Redis's TIME as a moment: ages must not depend on our clock."""
    seconds, microseconds = answer
    return datetime.fromtimestamp(seconds, timezone.utc) + timedelta(microseconds=microseconds)


@dataclass(frozen=True, slots=True)
class _Roots:
    """What the first round trip finds: the names of all that the second one asks for."""

    at: datetime
    queues: list[str]
    workers: list[str]
    suspended: bool
    locks: list[str]
    health: RedisHealth
    duties: tuple[DutyRecord, ...]
    memory: Memory


def _roots(redis: Redis, prefix: str) -> _Roots:
    pipeline = pipelined(redis)
    pipeline.time()
    pipeline.smembers(keys.QUEUES)
    pipeline.smembers(keys.WORKERS)
    pipeline.exists(keys.SUSPENDED)
    registry.ask_names(pipeline)
    pipeline.info("memory")
    pipeline.info("server")
    memory.ask(pipeline, prefix)
    answers = pipeline.execute(raise_on_error=False)
    for needed in answers[:5]:
        if isinstance(needed, Exception):
            raise needed
    queues = [_strip(member, keys.QUEUE_PREFIX) for member in answers[1]]
    workers = sorted(_strip(member, keys.WORKER_PREFIX) for member in answers[2])
    names = sorted((name for name in queues if name.startswith(prefix)), key=_lane_order)
    locks = registry.names(answers[4])
    now = server_time(answers[0])
    duties, seen = memory.read(answers[7], now)
    return _Roots(
        at=now,
        queues=names,
        workers=workers,
        suspended=bool(answers[3]),
        locks=locks,
        health=_health(answers[5], answers[6]),
        duties=duties,
        memory=seen,
    )


def _strip(member: bytes, prefix: str) -> str:
    name = text(member) or ""
    return name[len(prefix) :] if name.startswith(prefix) else name


def _lane_order(name: str) -> tuple[int, str]:
    label = name.rpartition(":")[2]
    return (_USUAL_LANES.index(label) if label in _USUAL_LANES else len(_USUAL_LANES), name)


def _health(memory: Any, server: Any) -> RedisHealth:
    """INFO is refused to some users (ACL); then we do not know, and say so with None."""
    memory = memory if isinstance(memory, dict) else {}
    server = server if isinstance(server, dict) else {}
    version = server.get("valkey_version") or server.get("redis_version")
    return RedisHealth(
        version=str(version) if version else None,
        used_bytes=memory.get("used_memory"),
        max_bytes=memory.get("maxmemory") or None,
        eviction=memory.get("maxmemory_policy"),
    )


def _lists(redis: Redis, roots: _Roots, prefix: str) -> tuple[list[LaneIds], list[Worker], list[str], list[LockState]]:
    pipeline = pipelined(redis)
    for name in roots.locks:
        registry.ask(pipeline, name)
    sizes = [LaneIds.ask(pipeline, name, roots.at) for name in roots.queues]
    for name in roots.workers:
        pipeline.hmget(keys.worker(name), _WORKER_FIELDS)
    for name in roots.queues:
        pipeline.smembers(keys.workers_of(name))
    answers = pipeline.execute()
    locks, answers = registry.build_all(roots.locks, answers, roots.at), answers[len(roots.locks) * registry.ANSWERS :]
    lanes, start = [], 0
    for name, size in zip(roots.queues, sizes, strict=True):
        lanes.append(LaneIds(name, answers[start : start + size]))
        start += size
    rows, crews = answers[start : start + len(roots.workers)], answers[start + len(roots.workers) :]
    here = {_strip(member, keys.WORKER_PREFIX) for crew in crews for member in crew}
    known = [_worker(name, row) for name, row in zip(roots.workers, rows, strict=True)]
    # Another bench may use this Redis too. What is left of a dead worker does not say where it listened.
    workers = [
        worker
        for worker in known
        if not prefix or worker.name in here or any(queue.startswith(prefix) for queue in worker.queues)
    ]
    wanted = [job_id for lane in lanes for job_id in lane.ids()]
    wanted += [worker.job_id for worker in workers if worker.job_id]
    return lanes, workers, list(dict.fromkeys(wanted)), [lock for lock in locks if lock.holders or lock.waiters]


def _dependencies(redis: Redis, lanes: Sequence[Lane]) -> dict[str, str | None]:
    """The status of what the deferred jobs wait for. Most benches have none, and then this asks nothing."""
    ids = list(dict.fromkeys(awaited for lane in lanes for job in lane.deferred for awaited in job.dependencies))
    ids = ids[: limits.READ_CHUNK]
    if not ids:
        return {}
    pipeline = pipelined(redis)
    for job_id in ids:
        pipeline.hget(keys.job(job_id), "status")
    return dict(zip(ids, map(text, pipeline.execute()), strict=True))


def _worker(name: str, row: Sequence[Any]) -> Worker:
    fields = dict(zip(_WORKER_FIELDS, row, strict=True))
    # The set of workers outlives their keys: a killed worker stays in it until another one tidies up.
    gone = fields["birth"] is None and fields["last_heartbeat"] is None
    pid = number(fields["pid"])
    return Worker(
        name=name,
        state="gone" if gone else text(fields["state"]) or "unknown",
        queues=tuple(filter(None, (text(fields["queues"]) or "").split(","))),
        job_id=text(fields["current_job"]),
        host=text(fields["hostname"]),
        pid=int(pid) if pid is not None else None,
        version=text(fields["version"]),
        born_at=moment(fields["birth"]),
        heartbeat_at=moment(fields["last_heartbeat"]),
    )

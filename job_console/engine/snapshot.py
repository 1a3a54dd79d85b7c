"""One look at a whole bench: three round trips, whatever the queues hold, and no trace of the look.

RQ's own getters clean up as they read (`registry.get_job_ids`, `count`, `Worker.all`), so we read its keys ourselves.
Every command here is O(1), O(log n) or O(rows shown), but for SMEMBERS of queues and workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from . import keys, limits
from .link import Pipeline, Redis, pipelined
from .models import Bench, Counts, Job, Lane, RedisHealth, Worker
from .reader import JobReader
from .records import from_score, moment, number, text

_WORKER_FIELDS = ("state", "queues", "current_job", "hostname", "pid", "birth", "last_heartbeat", "version")
#: Frappe's own lanes come first, in the order in which its workers prefer them.
_USUAL_LANES = ("short", "default", "long")


def take(redis: Redis, reader: JobReader, queue_prefix: str = "") -> Bench:
    """The bench now. `queue_prefix` keeps to one bench's queues where several share a Redis."""
    at, names, worker_names, suspended, health = _roots(redis, queue_prefix)
    lanes, workers, ids = _lists(redis, names, worker_names)
    jobs = dict(zip(ids, reader.read(ids), strict=True))
    return Bench(
        at=at,
        lanes=tuple(lane.build(jobs) for lane in lanes),
        workers=tuple(workers),
        redis=health,
        suspended=suspended,
        held={worker.job_id: jobs[worker.job_id] for worker in workers if worker.job_id},
    )


def server_time(answer: Any) -> datetime:
    """Redis's TIME as a moment: ages must not depend on our clock."""
    seconds, microseconds = answer
    return datetime.fromtimestamp(seconds, timezone.utc) + timedelta(microseconds=microseconds)


def _roots(redis: Redis, prefix: str) -> tuple[datetime, list[str], list[str], bool, RedisHealth]:
    pipeline = pipelined(redis)
    pipeline.time()
    pipeline.smembers(keys.QUEUES)
    pipeline.smembers(keys.WORKERS)
    pipeline.exists(keys.SUSPENDED)
    pipeline.info("memory")
    pipeline.info("server")
    answers = pipeline.execute(raise_on_error=False)
    for needed in answers[:4]:
        if isinstance(needed, Exception):
            raise needed
    queues = [_strip(member, keys.QUEUE_PREFIX) for member in answers[1]]
    workers = sorted(_strip(member, keys.WORKER_PREFIX) for member in answers[2])
    names = sorted((name for name in queues if name.startswith(prefix)), key=_lane_order)
    return server_time(answers[0]), names, workers, bool(answers[3]), _health(answers[4], answers[5])


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


class _LaneIds:
    """A lane while only its ids are known."""

    def __init__(self, name: str, answers: Sequence[Any]) -> None:
        self.name = name
        (queued, head, self.zcards, running, failed, intermediate) = (
            answers[0],
            answers[1],
            answers[2 : 2 + len(keys.REGISTRIES)],
            answers[-3],
            answers[-2],
            answers[-1],
        )
        self.counts = Counts(queued=queued, **dict(zip(keys.REGISTRIES, self.zcards, strict=True)))
        self.head = [text(member) or "" for member in head]
        self.running = [(keys.members(text(member) or "")[0], score) for member, score in running]
        self.failed = [text(member) or "" for member in failed]
        self.intermediate = [text(member) or "" for member in intermediate]

    @staticmethod
    def ask(pipeline: Pipeline, name: str) -> int:
        """Queue this lane's commands; returns how many."""
        pipeline.llen(keys.queue(name))
        pipeline.lrange(keys.queue(name), 0, limits.HEAD_ROWS - 1)
        for status in keys.REGISTRIES:
            pipeline.zcard(keys.registry(status, name))
        pipeline.zrange(keys.registry("started", name), 0, limits.RUNNING_ROWS - 1, withscores=True)
        pipeline.zrevrange(keys.registry("failed", name), 0, limits.FAILURE_ROWS - 1)
        pipeline.lrange(keys.intermediate(name), 0, limits.INTERMEDIATE_ROWS - 1)
        return 2 + len(keys.REGISTRIES) + 3

    def ids(self) -> list[str]:
        return [*self.head, *(job_id for job_id, _ in self.running), *self.failed, *self.intermediate]

    def build(self, jobs: Mapping[str, Job]) -> Lane:
        head = [jobs[job_id] for job_id in self.head]
        present = [job for job in head if job.status != "vanished"]
        running = [
            replace(jobs[job_id], lease_until=from_score(score))
            for job_id, score in self.running
            if jobs[job_id].status != "vanished"
        ]
        failures = [jobs[job_id] for job_id in self.failed if jobs[job_id].status != "vanished"]
        return Lane(
            name=self.name,
            counts=self.counts,
            running=tuple(sorted(running, key=_started)),
            head=tuple(present),
            failures=tuple(sorted(failures, key=_ended, reverse=True)),
            orphans=tuple(job.id for job in head if job.status == "vanished"),
            intermediate=tuple(jobs[job_id] for job_id in self.intermediate),
            oldest_enqueued_at=min((job.enqueued_at for job in present if job.enqueued_at), default=None),
        )


_NEVER = datetime.min.replace(tzinfo=timezone.utc)


def _started(job: Job) -> datetime:
    return job.started_at or _NEVER


def _ended(job: Job) -> datetime:
    return job.ended_at or _NEVER


def _lists(
    redis: Redis, names: Sequence[str], worker_names: Sequence[str]
) -> tuple[list[_LaneIds], list[Worker], list[str]]:
    pipeline = pipelined(redis)
    sizes = [_LaneIds.ask(pipeline, name) for name in names]
    for name in worker_names:
        pipeline.hmget(keys.worker(name), _WORKER_FIELDS)
    answers = pipeline.execute()
    lanes, start = [], 0
    for name, size in zip(names, sizes, strict=True):
        lanes.append(_LaneIds(name, answers[start : start + size]))
        start += size
    workers = [_worker(name, row) for name, row in zip(worker_names, answers[start:], strict=True)]
    wanted = [job_id for lane in lanes for job_id in lane.ids()]
    wanted += [worker.job_id for worker in workers if worker.job_id]
    return lanes, workers, list(dict.fromkeys(wanted))


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

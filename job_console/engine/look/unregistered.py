"""Workers that RQ's own lists do not know, and that a started job names.

When Redis loses its data, or evicts a worker's record, the worker goes on, but RQ never registers it again: its next
heartbeat writes a new record that has a state and a current job, but no queues. Which lanes it serves is then deduced
from the jobs that it runs, in this look and earlier ones.

Such a record may have no time to live, because RQ sets that before it writes. When it is silent for longer than any
idle worker, and no running job of it has a lease, its worker is dead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..models.bench import Lane, RedisHealth
from ..models.jobs import Job
from ..models.workers import Worker
from ..redis.link import Pipeline
from ..stacks import liveness
from . import limits, workers
from .lost_names import Names

#: Answers for each worker.
EACH = workers.ANSWERS + liveness.ANSWERS


def named(jobs: Iterable[Job], seen: Sequence[Worker]) -> list[str]:
    """The names of workers that run a job, and whose record the look has not read."""
    known = {worker.name for worker in seen if worker.alive or worker.death_at or worker.died}
    found = {job.worker for job in jobs if job.status == "started" and job.worker}
    return sorted(found - known)[: limits.UNLISTED]


def ask(pipeline: Pipeline, names: Sequence[str], health: RedisHealth) -> None:
    """Ask for their records, and for the list of connections to Redis, which have workers' names. The list is not asked
    for where there are more than `CLIENTS_LISTED`.
    """
    for name in names:
        workers.ask(pipeline, name)
        liveness.ask(pipeline, name)
    if names and (health.clients or 0) <= limits.CLIENTS_LISTED:
        pipeline.client_list()


def answers(names: Sequence[str], health: RedisHealth) -> int:
    """How many answers `ask` gets."""
    return len(names) * EACH + (1 if names and (health.clients or 0) <= limits.CLIENTS_LISTED else 0)


def build(names: Sequence[str], answers: Sequence[Any]) -> list[Worker]:
    """The workers; those without a record are `gone`. `connected`: a connection to Redis has their name."""
    rows, rest = answers[: len(names) * EACH], answers[len(names) * EACH :]
    # An error: this Redis user may not list the clients, and nothing is known of them.
    clients = rest[0] if rest and isinstance(rest[0], list) else []
    connected = {client.get("name") for client in clients}
    found = [
        _worker(name, rows[place : place + EACH]) for name, place in zip(names, range(0, len(rows), EACH), strict=True)
    ]
    return [replace(worker, connected=worker.name in connected) for worker in found if worker is not None]


def _worker(name: str, answers: Sequence[Any]) -> Worker | None:
    built = workers.build(name, answers[: workers.ANSWERS])
    return liveness.judge(built, answers[workers.ANSWERS :], runs=True) if built is not None else None


def with_lanes(seen: Iterable[Worker], lanes: Sequence[Lane], names: Names, now: datetime) -> list[Worker]:
    """All workers; those whose records name no queues get the lanes that they were seen in. A record that a dead worker
    has left is `gone`.
    """
    return [_placed(worker, lanes, names, now) if worker.unregistered else worker for worker in seen]


def _placed(worker: Worker, lanes: Sequence[Lane], names: Names, now: datetime) -> Worker:
    runs = [job for lane in lanes for job in lane.running if job.worker == worker.name and job.status == "started"]
    leased = any(job.lease_until is None or job.lease_until > now for job in runs)
    age = worker.heartbeat_age_s(now)
    if worker.expires_in_s is None and not leased and (age is None or age > limits.IDLE_HEARTBEAT_LATE_S):
        return replace(worker, state="gone")
    return replace(worker, queues=names.seen_in(worker.name, {job.queue for job in runs} if leased else ()))

"""Workers that RQ's own lists do not know, and that a started job names.

When Redis lost its data under a living worker (or evicted its record), RQ never registers that worker again: its next
heartbeat writes a record anew that has a state and a current job, but no lanes. It works on. So which lanes it serves
follows from the jobs that it is seen to run, in this look and earlier ones.

A record that a heartbeat wrote anew may have no time to live: RQ sets that before it writes. One that is silent for
longer than any idle worker is, and has no running job whose lease goes on, is what a dead worker left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..models.bench import Lane, RedisHealth, Worker
from ..models.jobs import Job
from ..redis.link import Pipeline
from ..stacks import liveness
from . import limits, workers
from .lost_names import Names

#: Answers for each worker.
EACH = workers.ANSWERS + liveness.ANSWERS


def named(jobs: Iterable[Job], seen: Sequence[Worker]) -> list[str]:
    """Workers that run something, and of which the look knows no record."""
    known = {worker.name for worker in seen if worker.alive or worker.death_at or worker.died}
    found = {job.worker for job in jobs if job.status == "started" and job.worker}
    return sorted(found - known)[: limits.UNLISTED]


def ask(pipeline: Pipeline, names: Sequence[str], health: RedisHealth) -> None:
    """Their records, and whether Redis has connections of their names (a list of all: not asked of a crowded one)."""
    for name in names:
        workers.ask(pipeline, name)
        liveness.ask(pipeline, name)
    if names and (health.clients or 0) <= limits.CLIENTS_LISTED:
        pipeline.client_list()


def answers(names: Sequence[str], health: RedisHealth) -> int:
    """How many `ask` gets."""
    return len(names) * EACH + (1 if names and (health.clients or 0) <= limits.CLIENTS_LISTED else 0)


def build(names: Sequence[str], answers: Sequence[Any]) -> list[Worker]:
    """Those without a record too: `gone`, with what their connections tell."""
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
    """Those whose records name no lanes, with the lanes that they were seen in; what dead ones left is `gone`."""
    return [_placed(worker, lanes, names, now) if worker.unregistered else worker for worker in seen]


def _placed(worker: Worker, lanes: Sequence[Lane], names: Names, now: datetime) -> Worker:
    runs = [job for lane in lanes for job in lane.running if job.worker == worker.name and job.status == "started"]
    leased = any(job.lease_until is None or job.lease_until > now for job in runs)
    age = worker.heartbeat_age_s(now)
    if worker.expires_in_s is None and not leased and (age is None or age > limits.IDLE_HEARTBEAT_LATE_S):
        return replace(worker, state="gone")
    return replace(worker, queues=names.seen_in(worker.name, {job.queue for job in runs} if leased else ()))

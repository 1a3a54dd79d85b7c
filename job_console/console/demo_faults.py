"""The demo's faults. Each is what really happens on a bench; only the waiting is skipped, by older timestamps."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import redis
from rq.job import Job

from .demo_jobs import AGING, FATAL, WORK
from .demo_lanes import WRAPPER, enqueue, lane_name, queue, wrapped
from .demo_schedules import BLOCKED

#: How many minutes the jobs of a lane have waited for workers that it has not.
WITHOUT_WORKERS = (34, 33, 9)


def plant(client: redis.Redis) -> None:
    """What stands there from the beginning."""
    _ghost(client, "started", BLOCKED[2], "scheduled_job||tasks.pull_email")
    _ghost(client, "queued", timedelta(hours=2), "nightly-reindex")
    _lane_without_workers(client)
    enqueue(client, "shop.accounts.recompute_balance", at_front=True)


def enqueue_fatal(client: redis.Redis) -> str:
    """A job that takes its worker along when it runs."""
    return enqueue(client, FATAL, site="acme.example").id


def skip_time_after_loss(client: redis.Redis, job_id: str, worker: str) -> None:
    """As it looks some minutes after the kill: RQ let the worker's key expire, its lease is over."""
    client.delete(f"rq:worker:{worker}")
    over = (_now() - timedelta(minutes=3)).timestamp()
    # RQ's maintenance has just been here, or a worker that starts now would call the job abandoned at once.
    client.set(queue(client, "long").registry_cleaning_key, 1, ex=899)
    leases = (f"rq:wip:{queue(client, 'long').name}", f"rq:executions:{job_id}")
    for lease in leases:
        entries: Any = client.zrange(lease, 0, -1)
        for entry in entries:
            if lease != leases[0] or entry.decode().startswith(job_id):  # rq 2 adds the run's own id
                client.zadd(lease, {entry: over})
    _set(client, job_id, started_at=timedelta(minutes=6), last_heartbeat=timedelta(minutes=5))


class NearTimeout:
    """Keeps one job that has nearly used up its time: it runs for real, its record says since when."""

    ALREADY = timedelta(seconds=500)

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._job_id = ""

    def tend(self) -> None:
        status = self._client.hget(f"rq:job:{self._job_id}", "status") if self._job_id else None
        if status == b"queued":
            return
        if status == b"started":
            started = Job.fetch(self._job_id, connection=self._client).started_at
            if started and _now() - started.replace(tzinfo=timezone.utc) < timedelta(seconds=200):
                before = dict.fromkeys(("created_at", "enqueued_at"), self.ALREADY + timedelta(seconds=2))
                _set(self._client, self._job_id, started_at=self.ALREADY, **before)
            return
        self._job_id = enqueue(self._client, AGING, site="globex.example", at_front=True).id


def _ghost(client: redis.Redis, status: str, age: timedelta, job_id: str) -> None:
    """A record whose list or registry entry was lost: a power cut between two of Redis' snapshots, or a worker
    that was killed between taking the job and starting it.
    """
    scheduled = job_id.startswith("scheduled_job||")
    method = "shop.tasks.pull_email" if scheduled else "shop.search.update_index"
    job = Job.create(
        WRAPPER,
        kwargs=wrapped(method, "acme.example", scheduled),
        id=f"acme.example||{job_id}",
        connection=client,
        timeout=WORK[method].timeout,
        origin=lane_name(WORK[method].lane),
    )
    job.save()
    client.hset(job.key, "status", status)
    _set(client, job.id, created_at=age, enqueued_at=age)
    if status == "started":
        client.hset(job.key, "worker_name", "gone-since-yesterday")
        _set(client, job.id, started_at=age, last_heartbeat=age)


def _lane_without_workers(client: redis.Redis) -> None:
    """Somebody added a queue and forgot its workers; the oldest id in it is an orphan."""
    for minutes in WITHOUT_WORKERS:
        job = enqueue(client, "shop.exports.export_ledger", lane="reports")
        _set(client, job.id, created_at=timedelta(minutes=minutes), enqueued_at=timedelta(minutes=minutes))
    client.lpush(queue(client, "reports").key, "acme.example||expired-last-week")


def _set(client: redis.Redis, job_id: str, **ages: timedelta) -> None:
    """Write moments in RQ's own form, each given as its age."""
    now = _now()
    for field, age in ages.items():
        client.hset(f"rq:job:{job_id}", field, (now - age).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def _now() -> datetime:
    return datetime.now(timezone.utc)

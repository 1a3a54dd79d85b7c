"""A worker takes a job and starts it, step by step, so that something can happen in between."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from job_console.engine.redis import keys

from .. import bench
from ..bench import SHORT


def take(redis: Any, queue: str = SHORT) -> str:
    """What a worker of several queues does first: the id is then in its memory only."""
    return redis.blpop(keys.queue(queue), timeout=1)[1].decode()


def start(redis: Any, job_id: str, worker: str = "w1") -> None:
    """What it does next, in one transaction."""
    lease = datetime.now(timezone.utc).timestamp() + 90
    pipeline = redis.pipeline()
    pipeline.sadd(keys.WORKERS, keys.worker(worker))
    pipeline.hset(keys.worker(worker), mapping={"birth": bench.ago(9), "last_heartbeat": bench.ago(0),
                                                "state": "busy", "current_job": job_id, "queues": SHORT})  # fmt: skip
    pipeline.zadd(keys.registry("started", SHORT), {job_id: lease})
    pipeline.hset(keys.job(job_id), mapping={"status": "started", "started_at": bench.ago(0), "worker_name": worker})
    pipeline.execute()

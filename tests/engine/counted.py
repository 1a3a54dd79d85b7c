"""Work that counts its own runs: `redis.hgetall(RUNS)` says how often each job ran."""

from __future__ import annotations

from rq import get_current_job

RUNS = "test:runs"


def run() -> None:
    job = get_current_job()
    job.connection.hincrby(RUNS, job.id, 1)

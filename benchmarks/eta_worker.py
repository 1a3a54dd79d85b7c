"""A real rq worker whose jobs sleep, and tell how long they took as the hooks in a bench do.

Arguments: port, whether they tell (1 or 0), queues.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timezone
from typing import Any

import redis
from rq import Worker, get_current_job

from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun

WRAPPER = "benchmarks.eta_worker.execute_job"
TOLD = {"1": True, "0": False}
_tells = True


def execute_job(site: str, method: str, kwargs: dict[str, Any], **_others: Any) -> None:
    time.sleep(kwargs["seconds"])
    job = get_current_job()
    if _tells and job is not None and job.started_at is not None:
        now = datetime.now(timezone.utc)
        started = job.started_at if job.started_at.tzinfo else job.started_at.replace(tzinfo=timezone.utc)
        ran = (now - started).total_seconds()
        statistics.record(job.connection, EndedRun(method, job.origin, "finished", now, ran, site=site))


def main() -> None:
    global _tells
    # Jobs name this module as others import it, not as the one that was started.
    sys.modules["benchmarks.eta_worker"] = sys.modules["__main__"]
    port, tells, *queues = sys.argv[1:]
    _tells = TOLD[tells]
    Worker(queues, connection=redis.Redis(port=int(port))).work(logging_level="WARNING")


if __name__ == "__main__":
    main()

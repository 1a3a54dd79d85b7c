"""Failed jobs in all shapes: as a worker leaves them, without running one."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime, timedelta, timezone
from typing import Any

from job_console.engine.redis import keys
from tests.engine.bench import SHORT, ago, iso, payload

APP = "/home/frappe/frappe-bench/apps/shop/shop/stock.py"
WEEK_S = 7 * 86_400


def traceback(error: str, function: str = "sync", file: str = APP) -> str:
    core = "/home/frappe/frappe-bench/apps/frappe/frappe/utils/background_jobs.py"
    return "\n".join(
        (
            "Traceback (most recent call last):",
            f'  File "{core}", line 240, in execute_job',
            "    retval = method(**kwargs)",
            f'  File "{file}", line 12, in {function}',
            "    ledger.post(item)",
            error,
        )
    )


def fail(
    redis: Any,
    count: int = 1,
    error: str = "ValueError: no stock of {0}",
    method: str = "shop.stock.sync",
    site: str = "a.localhost",
    queue: str = SHORT,
    prefix: str = "job",
    user: str = "Administrator",
    seconds_ago: float = 60.0,
    function: str = "sync",
    kwargs: dict[str, Any] | None = None,
) -> list[str]:
    """`{0}` in `error` is the job's number. The first of them failed `seconds_ago`, each other a millisecond later."""
    ids = [f"{site}||{prefix}-{number}" for number in range(count)]
    data = payload(method, site, user=user, **(kwargs or {}))
    redis.sadd(keys.QUEUES, keys.queue(queue))
    for start in range(0, count, 1_000):
        pipeline = redis.pipeline(transaction=False)
        for number, job_id in enumerate(ids[start : start + 1_000], start):
            ended = datetime.now(timezone.utc) - timedelta(seconds=seconds_ago - number / 1_000)
            record = {"status": "failed", "origin": queue, "created_at": ago(seconds_ago + 5), "timeout": "300"}
            moments = {"enqueued_at": ago(seconds_ago + 5), "started_at": ago(seconds_ago + 1), "ended_at": iso(ended)}
            pipeline.hset(keys.job(job_id), mapping={**record, **moments, "result_ttl": "600", "data": data})
            text = zlib.compress(traceback(error.format(number), function).encode())
            result = {"type": "2", "exc_string": base64.b64encode(text)}
            pipeline.xadd(keys.results(job_id), result, id=f"{round(ended.timestamp() * 1000)}-1")
            pipeline.zadd(keys.registry("failed", queue), {job_id: ended.timestamp() + WEEK_S})
        pipeline.execute()
    return ids

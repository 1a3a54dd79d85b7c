"""A search as one writes it with rq alone: fetch all jobs of a queue, unpickle them, compare.

Arguments: a JSON object. Prints one.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import Any

if "--no-hiredis" in sys.argv:
    sys.modules["hiredis"] = None  # type: ignore[assignment]  # as if it were not installed

import probe
import redis
import work
from rq import Queue
from rq.job import Job

CHUNK = 1_000


def search(client: redis.Redis, lane: str, method: str) -> dict[str, Any]:
    began, first, hits = perf_counter(), None, 0
    ids = Queue(lane, connection=client).get_job_ids()
    for start in range(0, len(ids), CHUNK):
        for job in Job.fetch_many(ids[start : start + CHUNK], connection=client):
            if job is not None and job.kwargs["method"] == method:
                hits += 1
                first = first or (perf_counter() - began) * 1000
    return {"first_ms": first, "total_ms": (perf_counter() - began) * 1000, "hits": hits}


def main() -> None:
    asked = json.loads(sys.argv[1])
    client = redis.Redis(port=asked["port"])
    row: dict[str, Any] = {}

    def call() -> None:
        row.update(search(client, asked["lane"], work.WANTED))

    cost = probe.measure(call, asked["port"], runs=1, times=[0.0])
    call()  # once more, with no log in the way
    print(json.dumps({**row, "slowest_ms": cost.slowest_ms, "slowest": cost.slowest, "rss_mb": probe.rss_mb()}))


if __name__ == "__main__":
    main()

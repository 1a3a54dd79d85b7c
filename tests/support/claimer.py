"""A process that claims unique keys and enqueues for those it gets.

`python -m tests.support.claimer URL NAME MODE KEYS` starts when `go` is in Redis. MODE
`reuse`: the key is the job's own id. Prints how many jobs it enqueued.
"""

from __future__ import annotations

import sys
import time
import uuid

import redis as redis_py

from job_console.engine.models.jobs import Call
from job_console.engine.policies import unique
from tests.engine import bench


def main(url: str, name: str, mode: str, count: int) -> None:
    redis = redis_py.Redis.from_url(url)
    redis.sadd("ready", name)
    while not redis.exists("go"):
        time.sleep(0.001)
    enqueued = 0
    for number in range(count):
        key, reuse = f"key-{number}", mode == "reuse"
        job_id = f"a.localhost||{key}" if reuse else f"a.localhost||{uuid.uuid4()}"
        call = Call(bench.HELLO, bench.HELLO, "method", site="a.localhost", user="sam")
        if unique.claim(redis, call, key, job_id, "short", reuse) is None:
            bench.enqueue(redis, name=job_id.partition("||")[2])
            enqueued += 1
    print(enqueued)  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))

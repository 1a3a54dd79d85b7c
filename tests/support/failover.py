"""Work around the failover of a Redis: jobs that leave their mark in a file, a worker that asks Sentinels, as a bench's
does, and who enqueues on and on.

As a program, a worker: python -m tests.support.failover BENCH_FOLDER QUEUE
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, get_current_job

from job_console.console.address import resolve
from job_console.console.die_with_parent import tie_to_parent
from job_console.engine.redis.link import Redis


def leave_mark(folder: str) -> None:
    """An effect outside of Redis: who ran, and when it began."""
    job = get_current_job()
    assert job is not None
    with open(Path(folder) / f"marks-{os.getpid()}", "a") as file:  # noqa: PTH123  one each job
        file.write(f"{job.id} {time.time()}\n")


def marks(folder: Path) -> dict[str, list[float]]:
    """When each job began to run, by its id."""
    found: dict[str, list[float]] = defaultdict(list)
    for file in folder.glob("marks-*"):
        for line in file.read_text().splitlines():
            job_id, _space, at = line.partition(" ")
            found[job_id].append(float(at))
    return found


@dataclass
class Producer:
    """Enqueues one job after the other; what was not acknowledged, it tries again under the same id."""

    client: Redis
    queue: str
    folder: Path
    refused: int = 0

    def enqueue(self, names: list[str]) -> dict[str, float]:
        """When Redis acknowledged each."""
        queue, acknowledged = Queue(self.queue, connection=self.client), {}
        for name in names:
            while name not in acknowledged:
                try:
                    queue.enqueue_call(leave_mark, args=(str(self.folder),), job_id=name, timeout=60)
                    acknowledged[name] = time.time()
                except RedisError:  # noqa: PERF203
                    self.refused += 1
                    time.sleep(0.05)
        return acknowledged


def main(bench: str, queue: str) -> None:
    """As a bench's supervisor: RQ's worker ends when its connection breaks while it is at a job."""
    tie_to_parent()
    while True:
        if pid := os.fork():
            os.waitpid(pid, 0)
            time.sleep(0.1)
        else:
            try:
                _work(bench, queue)
            finally:
                os._exit(1)


def _work(bench: str, queue: str) -> None:
    tie_to_parent()
    SimpleWorker.max_connection_wait_time = 1.0  # RQ's pauses grow up to a minute
    connection = resolve(None, {}, Path(bench)).server.connect(socket_timeout=None)
    SimpleWorker([Queue(queue, connection=connection)], connection=connection).work(logging_level="ERROR")


if __name__ == "__main__":
    main(*sys.argv[1:])

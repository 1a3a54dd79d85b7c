"""A plain RQ worker as a process: python -m tests.support.worker [--name N] [--monitor S] [--no-fork] QUEUE…

The server's URL stands in $JOB_CONSOLE_TEST_REDIS. Nothing of RQ's is changed; the process only dies with its parent.
"""

from __future__ import annotations

import argparse
import os

import redis
from rq import Queue, SimpleWorker, Worker

from job_console.console.leash import tie_to_parent

VARIABLE = "JOB_CONSOLE_TEST_REDIS"


def main() -> None:
    tie_to_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("queues", nargs="+")
    parser.add_argument("--name")
    parser.add_argument("--monitor", type=int, help="seconds between heartbeats while a job runs")
    parser.add_argument("--burst", action="store_true", help="end when the queues are empty")
    parser.add_argument("--no-fork", action="store_true", help="run jobs in the worker's own process")
    options = parser.parse_args()
    connection = redis.from_url(os.environ[VARIABLE])
    queues = [Queue(name, connection=connection) for name in options.queues]
    extra = {"job_monitoring_interval": options.monitor} if options.monitor else {}
    kind = SimpleWorker if options.no_fork else Worker
    worker = kind(queues, name=options.name, connection=connection, **extra)
    worker.work(burst=options.burst, logging_level="WARNING")


if __name__ == "__main__":
    main()

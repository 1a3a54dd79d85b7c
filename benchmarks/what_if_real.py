"""Days of a made-up bench, run by real RQ workers in minutes: a day of jobs that sleep, `FASTER` times as quick.

What is recorded is what job hooks record: method, queue, how long it waited and ran. It is told in the time of the day
that was played: a horse that takes 20 ms to start there takes 17 s.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import redis
from rq import Queue, SimpleWorker, Worker, get_current_job

from benchmarks.what_if_load import DEFAULT, LONG, SHORT, Method, Ran, day
from job_console.console.embedded import embedded_server

ROOT = Path(__file__).resolve().parents[1]
FASTER = 864
METHODS = (
    Method("shop.mail.send", SHORT, 200, 60.0, 0.5, bulk=4),
    Method("shop.newsletter", SHORT, 80, 45.0, 0.3, bulk=8),
    Method("shop.index", DEFAULT, 120, 120.0, 0.6),
    Method("shop.stock.sync", DEFAULT, 48, 150.0, 0.4, clock=(0, 30)),
    Method("shop.report", LONG, 24, 500.0, 0.6),
)
CREW = ((SHORT, DEFAULT), (DEFAULT, SHORT), (LONG, DEFAULT))
CREWS = {
    "as it is": CREW,
    "one worker more": ((SHORT,), *CREW),
    "others first": ((SHORT,), (DEFAULT, SHORT), (DEFAULT, LONG)),
}
DONE = "benchmark:done"


def execute_job(method: str, seconds: float) -> None:
    time.sleep(seconds)
    now, job = datetime.now(timezone.utc).timestamp(), get_current_job()
    assert job is not None
    enqueued, started = (_stamp(each) for each in (job.enqueued_at, job.started_at))
    job.connection.rpush(DONE, json.dumps([method, job.origin, enqueued, started, now, job.worker_name]))


def _stamp(moment: datetime | None) -> float:
    assert moment is not None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


@contextlib.contextmanager
def workers(port: int, crew: Sequence[Sequence[str]], forks: bool) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.what_if_real", str(port), "1" if forks else "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    started = [subprocess.Popen([*command, *each], cwd=ROOT, env=environment) for each in crew]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def days(
    crew: Sequence[Sequence[str]], numbers: Sequence[int], seed: int, forks: bool
) -> tuple[list[list[Ran]], list[float]]:
    """The runs of each day, in its time; and the seconds from a run's end to the start of the worker's next one where
    that one waited already."""
    found: list[list[Ran]] = []
    gaps: list[float] = []
    with embedded_server() as server, workers(server.port, crew, forks):
        client = redis.Redis(port=server.port)
        while client.scard("rq:workers") < len(crew):
            time.sleep(0.05)
        for number in numbers:
            jobs, began = day(number, random.Random(f"{seed} {number}"), METHODS), time.time()
            client.delete(DONE)
            for job in jobs:
                time.sleep(max(began + job.at / FASTER - time.time(), 0))
                Queue(job.lane, connection=client).enqueue_call(
                    "benchmarks.what_if_real.execute_job", (job.method, job.run_s / FASTER), result_ttl=0
                )
            while client.llen(DONE) < len(jobs):
                time.sleep(0.1)
            told = [json.loads(each) for each in client.lrange(DONE, 0, -1)]
            found.append(
                [
                    Ran(method, lane, (end - began) * FASTER, (start - came) * FASTER, (end - start) * FASTER)
                    for method, lane, came, start, end, _worker in told
                ]
            )
            gaps += _gaps(told)
        client.close()
    return found, sorted(gaps)


def _gaps(told: Sequence[Sequence[Any]]) -> list[float]:
    last: dict[str, float] = {}
    found = []
    for _method, _lane, came, start, end, worker in sorted(told, key=lambda each: each[3]):
        if worker in last and came < last[worker]:
            found.append(start - last[worker])
        last[worker] = end
    return found


def main() -> None:
    sys.modules["benchmarks.what_if_real"] = sys.modules["__main__"]
    port, forks, *queues = sys.argv[1:]
    kind = Worker if forks == "1" else SimpleWorker
    kind(queues, connection=redis.Redis(port=int(port))).work(logging_level="WARNING")


if __name__ == "__main__":
    main()

"""What the demo's bench did before it was opened, so that its histories are not empty: runs of its schedules, how long
its methods take (`demo_day`), and a payment gateway that was down this morning.

The gateway's jobs really fail, in a worker of their own; only their times are moved into the past. The runs are drawn
from how the demo's methods behave.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

import redis
from rq import Queue, SimpleWorker

from job_console.engine.schedule import history
from job_console.engine.schedule.history import Ran

from . import demo_day
from .address import VARIABLE
from .demo_jobs import OUTAGE, PAYMENT, WORK
from .demo_lanes import FAILURE_TTL_S, SITES, enqueue, lane_name, queue
from .demo_schedules import TIMES, last_look, times_before

#: As many as are kept.
_RUNS = 60
_PAYMENTS = 24
_OUTAGE_BEGAN, _OUTAGE_LASTED = timedelta(hours=5), timedelta(hours=4)


def write(client: redis.Redis) -> None:
    """What ended well or not, and when."""
    now = datetime.now(timezone.utc)
    for site in SITES:
        runs = []
        for method, (expression, sites) in TIMES.items():
            if site in sites:
                job_id = f"{site}||scheduled_job||{method.removeprefix('shop.')}"
                due = times_before(expression, last_look(site, method, now), _RUNS)
                runs += [(job_id, _ran(method, at)) for at in due]
        history.record(client, site, runs)
    demo_day.write(client, now)


def _ran(method: str, at: datetime) -> Ran:
    work = WORK[method]
    failed = random.random() < work.fails
    return Ran(
        at + timedelta(seconds=random.uniform(0.1, 2.0)),
        random.uniform(*work.seconds),
        "failed" if failed else "finished",
    )


def break_the_gateway(client: redis.Redis, url: str) -> None:
    """Payments of this morning fail, each for the same cause; now the gateway answers again."""
    jobs = [enqueue(client, PAYMENT, site="acme.example") for _ in range(_PAYMENTS)]
    # Waits for its end: what it leaves is what the page shows first.
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", __name__, lane_name(WORK[PAYMENT].lane)],
        env={**os.environ, VARIABLE: url, OUTAGE: "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    failed = queue(client, WORK[PAYMENT].lane).failed_job_registry
    for number, job in enumerate(jobs):
        age = _OUTAGE_BEGAN - _OUTAGE_LASTED * number / len(jobs)
        ended = datetime.now(timezone.utc) - age
        _move(client, job.id, job.key, ended)
        client.zadd(failed.key, {job.id: ended.timestamp() + FAILURE_TTL_S})


def _move(client: redis.Redis, job_id: str, key: str, ended: datetime) -> None:
    """Into the past: the record's moments, and those of its only run."""
    moments = {"created_at": 4.0, "enqueued_at": 4.0, "started_at": 0.4, "last_heartbeat": 0.4, "ended_at": 0.0}
    for name, before in moments.items():
        client.hset(key, name, (ended - timedelta(seconds=before)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    results = f"rq:results:{job_id}"
    runs: Any = client.xrange(results)
    client.delete(results)
    for _id, fields in runs:
        client.xadd(results, fields, id=f"{round(ended.timestamp() * 1000)}-0")
    client.expire(results, FAILURE_TTL_S)


def main() -> None:
    connection = redis.from_url(os.environ[VARIABLE])
    lanes = [Queue(name, connection=connection) for name in sys.argv[1:]]
    SimpleWorker(lanes, connection=connection).work(burst=True, logging_level="ERROR")


if __name__ == "__main__":
    main()

"""A real RQ worker in a process of its own: python -m job_console.console.demo_worker NAME QUEUE…

The server's URL stands in $JOB_CONSOLE_REDIS. Unlike `rq worker` it ends at once when it gets SIGTERM, with the job
that it runs, and it ends with the demo's process even when that is killed.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timezone
from time import time
from types import FrameType
from typing import Any

import redis
from rq import Queue, Worker
from rq.job import Job

from job_console.engine.history import statistics
from job_console.engine.history.statistics import EndedRun
from job_console.engine.operate import obey
from job_console.engine.output import capture, record, ring
from job_console.engine.redis.link import pipelined
from job_console.engine.rq import call
from job_console.engine.schedule import history
from job_console.engine.schedule.history import Ran
from job_console.engine.stacks import interrupt, serving

from .address import VARIABLE
from .die_with_parent import tie_to_parent


class DemoWorker(Worker):
    def main_work_horse(self, *arguments: Any) -> None:
        tie_to_parent()
        super().main_work_horse(*arguments)

    def perform_job(self, job: Job, queue: Queue) -> bool:
        """Lets its stack be read, keeps what it says and counts the run, as the app's hooks do in a bench."""
        pipeline = pipelined(self.connection)
        capture.begin(job.id, round(time(), 3))
        if serving.announce(pipeline, job.id, worker=self.name) and pipeline.execute()[-1]:
            serving.start(self.connection)
        finished = super().perform_job(job, queue)
        interrupt.end()
        said = capture.end()
        if said is not None:
            record.write(pipeline, job.id, said, record.ENDED, well=finished)
        serving.withdraw(pipeline, job.id)
        pipeline.execute()
        now = datetime.now(timezone.utc)
        asked = call.wrapped(job.kwargs)
        run = EndedRun(
            method=asked.method,
            queue=job.origin,
            outcome="finished" if finished else "failed",
            at=now,
            run_s=_seconds(job.started_at, now),
            wait_s=_seconds(job.enqueued_at, job.started_at),
            site=asked.site or "",
            scheduled=asked.kind == "scheduled",
        )
        statistics.record(self.connection, run)
        if asked.kind == "scheduled" and asked.site and job.started_at:
            started_at = job.started_at.replace(tzinfo=timezone.utc)
            history.record(self.connection, asked.site, [(job.id, Ran(started_at, run.run_s, run.outcome))])
        return finished

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        # The demo's Redis ends next: there is nothing to finish for.
        if self.horse_pid:
            self.kill_horse()
            ring.path_of(self.horse_pid).unlink(missing_ok=True)  # the reader, which would do it, is ended, too
        os._exit(0)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return max((end - start).total_seconds(), 0.0) if start and end else None


def main() -> None:
    tie_to_parent()
    serving.tie_to(os.getppid())
    name, *queues = sys.argv[1:]
    connection = redis.from_url(os.environ[VARIABLE])
    obey.install()
    lanes = [Queue(queue, connection=connection) for queue in queues]
    DemoWorker(lanes, name=name, connection=connection).work(logging_level="WARNING")


if __name__ == "__main__":
    main()

"""A plain RQ worker as a process: python -m tests.support.worker [--name N] [--no-fork] [--die WHERE] … QUEUE…

The server's URL stands in $JOB_CONSOLE_TEST_REDIS. Nothing of RQ's is changed, but for --obey; the process only
dies with its parent, or where it is told to.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from datetime import timedelta
from typing import Any

import redis
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer

from job_console.console.die_with_parent import tie_to_parent
from job_console.engine.operate import obey

VARIABLE = "JOB_CONSOLE_TEST_REDIS"


class DiesWithWhatItTook(Worker):
    """Killed in the gap: the job is popped, and nothing is written yet."""

    def execute_job(self, job: Any, queue: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class DiesBeforeItForks(Worker):
    """Killed when RQ 2 has noted an execution, and nobody has begun it."""

    def fork_work_horse(self, job: Any, queue: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class EndsAsItStarts(Worker):
    """Registered, and about to take its first job: its app is broken. It waits for the key `end` to end of that."""

    def dequeue_job_and_maintain_ttl(self, *_arguments: Any, **_options: Any) -> Any:
        self.connection.blpop("end")
        raise RuntimeError("the app is broken")


DEATHS = {"popped": DiesWithWhatItTook, "prepared": DiesBeforeItForks, "begun": EndsAsItStarts}


def set_clock(seconds: float) -> None:
    """As on a host whose clock is that far ahead, for all that RQ writes."""
    from rq import utils

    for name in ("now", "utcnow"):  # utcnow: rq 1
        if real := getattr(utils, name, None):
            _replace(real, lambda real=real: real() + timedelta(seconds=seconds))
    stamp = utils.current_timestamp
    _replace(stamp, lambda: int(stamp() + seconds))


def _replace(function: Any, by: Any) -> None:
    """Wherever RQ's modules have imported it."""
    for module in [module for name, module in sys.modules.items() if name.partition(".")[0] == "rq"]:
        for name, value in list(vars(module).items()):
            if value is function:
                setattr(module, name, by)


def main(arguments: list[str] | None = None) -> None:
    tie_to_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("queues", nargs="+")
    parser.add_argument("--name")
    parser.add_argument("--monitor", type=int, help="seconds between heartbeats while a job runs")
    parser.add_argument("--burst", action="store_true", help="end when the queues are empty")
    parser.add_argument("--no-fork", action="store_true", help="run jobs in the worker's own process")
    parser.add_argument("--die", choices=DEATHS, help="end there, with the first job")
    parser.add_argument("--clock", type=float, default=0.0, help="seconds that this host's clock is ahead")
    parser.add_argument("--jump", type=float, help="seconds by which its clock is set when it gets SIGUSR1")
    parser.add_argument("--obey", action="store_true", help="leave alone what is paused, as a bench's workers do")
    parser.add_argument("--json", action="store_true", help="read and write JSON instead of pickles")
    parser.add_argument("--scheduler", action="store_true", help="with RQ's own scheduler")
    options = parser.parse_args(arguments)
    if options.obey:
        assert obey.install(), "this RQ takes its jobs in another way"
    if options.clock:
        set_clock(options.clock)
    if options.jump:
        signal.signal(signal.SIGUSR1, lambda *_: set_clock(options.jump))
    connection = redis.from_url(os.environ[VARIABLE])
    kind_of_bytes = JSONSerializer if options.json else None
    queues = [Queue(name, connection=connection, serializer=kind_of_bytes) for name in options.queues]
    extra: dict[str, Any] = {"serializer": JSONSerializer} if options.json else {}
    extra |= {"job_monitoring_interval": options.monitor} if options.monitor else {}
    kind: type[Worker] = SimpleWorker if options.no_fork else Worker
    if options.die:
        kind = DEATHS[options.die]
    worker = kind(queues, name=options.name, connection=connection, **extra)
    worker.work(burst=options.burst, logging_level="WARNING", with_scheduler=options.scheduler)


if __name__ == "__main__":
    main()

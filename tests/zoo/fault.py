"""What a fault is, and the bench that it is made on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import rq
from redis import Redis
from rq.job import Job

from job_console.console.embedded import Embedded
from job_console.engine.redis import keys
from job_console.engine.service import Engine
from job_console.engine.watch.watch import Look
from tests.engine import bench
from tests.engine.bench import SHORT
from tests.support.processes import WorkerProcess, Workers
from tests.support.waiting import wait_until

RQ = tuple(int(part) for part in rq.VERSION.split(".")[:2])
#: What the warning must name: some of `job_id`, `queue`, `worker`, `site`.
Subject = Mapping[str, str]


@dataclass
class Zoo:
    """An empty server, a crew of workers, and the engine that looks."""

    server: Embedded
    redis: Redis
    crew: Workers
    engine: Engine
    #: Undone when the fault has been seen.
    cleanup: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def enqueue(self, method: str = "say_hello", queue: str = SHORT, **options: Any) -> Job:
        return bench.enqueue(self.redis, f"tests.jobs.{method}", queue, **options)

    def running(
        self, method: str = "hang", queue: str = SHORT, worker: str = "w1", **options: Any
    ) -> tuple[Job, WorkerProcess]:
        """A job in the midst of its run, and the worker that runs it."""
        job = self.enqueue(method, queue, **options)
        process = self.crew.start(queue, name=worker)
        self.until(lambda: bench.status(self.redis, job.id) == "started")
        self.until(lambda: self.crew.horses(process))
        return job, process

    def until(self, condition: Callable[[], Any]) -> None:
        wait_until(condition)

    def waited(self, job: Job, seconds: float) -> None:
        bench.age(self.redis, job.id, seconds, "enqueued_at", "created_at")

    def look(self, survey_s: float) -> Look:
        """A second has passed, and a sweep comes by."""
        self.engine.watch.forget()
        look = self.engine.watch.look(survey_s)
        self.engine.sweep()
        return look

    def time_passes_for_the_dead(self, job: Job, worker: str) -> None:
        """A minute and a half after the last heartbeat: the lease is over, the worker's record has expired."""
        for queue in (bench.SHORT, bench.LONG):
            bench.expire_lease(self.redis, job.id, queue=queue)
        self.redis.delete(keys.worker(worker))


@dataclass(frozen=True)
class Fault:
    name: str
    code: str
    make: Callable[[Zoo], Subject]
    #: Codes that are true and useful besides.
    also: tuple[str, ...] = ()
    #: RQ's versions that can have it.
    since: tuple[int, int] = (1, 15)
    #: After so many it must be named: the second one proves; some must be heard of first.
    sweeps: int = 2
    #: The code that is true when RQ's own maintenance has run: `code` itself, unless said otherwise; "": none is.
    then: str | None = None


FAULTS: list[Fault] = []


def fault(
    name: str,
    code: str,
    also: tuple[str, ...] = (),
    since: tuple[int, int] = (1, 15),
    sweeps: int = 2,
    then: str | None = None,
) -> Callable[[Callable[[Zoo], Subject]], Callable[[Zoo], Subject]]:
    def add(make: Callable[[Zoo], Subject]) -> Callable[[Zoo], Subject]:
        FAULTS.append(Fault(name, code, make, also, since, sweeps, then))
        return make

    return add


@contextlib.contextmanager
def zoo(server: Embedded) -> Iterator[Zoo]:
    """On this server, which is emptied before."""
    crew = Workers(server.url)
    with contextlib.closing(Redis.from_url(server.url)) as client, contextlib.ExitStack() as cleanup:
        client.flushall()
        cleanup.callback(lambda: wait_until(lambda: not crew.left(), message="all workers are gone"))
        cleanup.callback(crew.end_all)
        with contextlib.closing(Redis.from_url(server.url, socket_timeout=10)) as own:
            yield Zoo(server, client, crew, Engine(own), cleanup)

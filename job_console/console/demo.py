"""The zero-install demo: a private server, real workers in real processes, and work with faults in it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.exceptions import RedisError

from job_console.engine.redis.link import connect
from job_console.engine.stacks import serving

from . import demo_faults, demo_history
from .address import VARIABLE
from .demo_lanes import Feeder, lane_name
from .demo_schedules import Scheduler
from .embedded import Embedded, NoServer, embedded_server, end

#: Who serves what, in the order of their preference, like the workers of a bench.
CREW = {
    "worker-short": ("short", "default"),
    "worker-default": ("default", "short"),
    "worker-long-1": ("long", "default"),
    "worker-long-2": ("long",),
}
#: The worker that a fatal job takes along.
LOST = "worker-lost"
LOST_S = 20.0


@dataclass(frozen=True, slots=True)
class Demo:
    url: str
    #: Call it now and then, always from the same thread.
    tend: Callable[[], None]


@contextlib.contextmanager
def running_demo() -> Iterator[Demo]:
    """Everything but the page; all of it is gone when the block is left."""
    serving.tie_to(os.getpid())
    with embedded_server() as server, contextlib.closing(connect(server.url)) as client, _no_reader_stays(client):
        demo_history.write(client)
        demo_history.break_the_gateway(client, server.url)
        demo_faults.plant(client)
        with _Crew(server) as crew:
            crew.lose_one(client)
            feeder, near_timeout, scheduler = Feeder(client), demo_faults.NearTimeout(client), Scheduler(client)
            near_timeout.tend()  # before anything else can be first
            for name, lanes in CREW.items():
                crew.hire(name, lanes)
            feeder.start()

            def tend() -> None:
                crew.replace_the_dead()
                near_timeout.tend()
                scheduler.tend()

            try:
                yield Demo(server.url, tend)
            finally:
                feeder.stop()


@contextlib.contextmanager
def _no_reader_stays(client: redis.Redis) -> Iterator[None]:
    """The process that reads the workers' stacks would notice by itself, but only after a while."""
    try:
        yield
    finally:
        with contextlib.suppress(RedisError):
            serving.end(client)


class _Crew:
    """Worker processes. Start and replace them from one thread that lives as long as they do: they end with
    the thread that started them (PR_SET_PDEATHSIG)."""

    def __init__(self, server: Embedded) -> None:
        self._server = server
        self._hands: dict[str, tuple[subprocess.Popen[bytes], tuple[str, ...]]] = {}
        self._hired = 0

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *_: object) -> None:
        hands = [process for process, _lanes in self._hands.values()]
        for process in hands:
            process.terminate()
        for process in hands:
            end(process)

    def hire(self, name: str, lanes: tuple[str, ...]) -> subprocess.Popen[bytes]:
        self._hired += 1
        queues = [lane_name(lane) for lane in lanes]
        log = Path(self._server.folder, "workers.log")
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "job_console.console.demo_worker", f"{name}.{self._hired}", *queues],
                env={**os.environ, VARIABLE: self._server.url},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._hands[name] = (process, lanes)
        return process

    def lose_one(self, client: redis.Redis) -> None:
        """Let a worker be killed in the middle of a job."""
        job_id = demo_faults.enqueue_fatal(client)
        process = self.hire(LOST, ("long",))
        try:
            process.wait(LOST_S)
        except subprocess.TimeoutExpired:
            raise NoServer("The demo's workers do not start.") from None
        del self._hands[LOST]
        demo_faults.skip_time_after_loss(client, job_id, f"{LOST}.{self._hired}")

    def replace_the_dead(self) -> None:
        """As a bench's supervisor does. Kill one and watch."""
        for name, (process, lanes) in list(self._hands.items()):
            if process.poll() is not None:
                self.hire(name, lanes)

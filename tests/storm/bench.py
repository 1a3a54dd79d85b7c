"""Two benches on one server: their workers, their scheduler, their work, and who looks at each."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socket import gethostname
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job
from rq.registry import clean_registries
from rq.results import Result

from job_console.console import embedded
from job_console.engine.models.schedule import Schedule
from job_console.engine.otherlocks import BenchFolder
from job_console.engine.redis import keys
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.service import Console, Engine, Viewer
from job_console.engine.stacks.arming import host
from tests import jobs
from tests.support.processes import Workers, kill
from tests.support.waiting import wait_until

from .work import METHOD, STORMY, Ledger

#: Takes the lock of Frappe's scheduler.
SCHEDULER = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(86400)
"""


LANES = ("short", "default", "long")
#: As a worker of RQ's does it now and then: so often beside a look.
MAINTENANCE = 0.05


#: Longer than any storm and any healthy stretch: what has ended is accounted for afterwards.
KEPT_S = 86_400


class Server:
    """One that is killed, and starts again with what it had saved, or without."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = embedded.free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        settings = ["dbfilename dump.rdb"]
        log = self.folder / "server.log"
        self.process = embedded._spawn(embedded.find_binary(), self.folder, self.port, None, log, settings)
        wait_until(lambda: embedded._answers(self.process, self.port, None), 60)

    def restart(self, with_memory: bool) -> None:
        with contextlib.closing(Redis.from_url(self.url)) as client:
            if with_memory:
                client.save()
        self.process.kill()
        self.process.wait()
        if not with_memory:
            (self.folder / "dump.rdb").unlink(missing_ok=True)
        self.start()

    def end(self) -> None:
        embedded.end(self.process)


@dataclass
class Worker:
    process: Any
    queues: tuple[str, ...]
    fork: bool

    @property
    def name(self) -> str:
        return str(self.process.worker_name)


@dataclass
class Bench:
    prefix: str
    redis: Redis
    engine: Engine
    folder: Path
    ledger: Ledger
    crew: Workers
    workers: list[Worker] = field(default_factory=list)
    scheduler: subprocess.Popen[str] | None = None
    #: Jobs that are to end, once.
    owed: set[str] = field(default_factory=set)
    #: Workers that have ended by themselves: RQ ends one whose job's heartbeat meets no Redis.
    ended: set[str] = field(default_factory=set)

    @property
    def site(self) -> str:
        return f"{self.prefix.rstrip(':')}.localhost"

    @property
    def console(self) -> Console:
        return self.engine.console(Viewer("storm", may_act=True))

    def start_worker(
        self, *lanes: str, fork: bool = True, monitor: int | None = None, extra: tuple[str, ...] = ()
    ) -> Worker:
        queues = tuple(self.prefix + lane for lane in lanes)
        worker = Worker(self.crew.start(*queues, fork=fork, monitor=monitor, extra=extra), queues, fork)
        self.workers.append(worker)
        return worker

    def replace(self, worker: Worker) -> Worker:
        """As a supervisor does it, at once."""
        self.workers.remove(worker)
        lanes = [name.removeprefix(self.prefix) for name in worker.queues]
        return self.start_worker(*lanes, fork=worker.fork)

    def tend(self) -> list[Worker]:
        """Those that have ended by themselves, as when Redis was away for too long, are started again."""
        ended = [worker for worker in self.workers if worker.process.poll() is not None]
        self.ended |= {worker.name for worker in ended}
        for worker in ended:
            self.replace(worker)
        return ended

    def start_scheduler(self) -> None:
        lock = str(self.folder / "config" / "scheduler_process")
        tied = [sys.executable, "-m", "job_console.console.die_with_parent"]
        command = [*tied, sys.executable, "-c", SCHEDULER, lock]
        self.scheduler = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.scheduler.stdout
        self.scheduler.stdout.readline()

    def end_scheduler(self) -> None:
        if self.scheduler is not None:
            self.scheduler.kill()
            self.scheduler.communicate()

    def publish(self) -> None:
        """As the site's own processes do it now and then."""
        now = self.engine.console(Viewer("storm")).engine.watch.look().bench.at
        ScheduleStore(self.redis).publish(
            Schedule(self.site, True, ticked_at=now, tells_ticks=True, host=gethostname())
        )

    def put(self, lane: str, seconds: float, fails: bool = False) -> str:
        where = {"prefix": self.prefix, "folder": str(self.folder), "ledger": str(self.ledger.path)}
        call = jobs.wrapped(METHOD, site=self.site, seconds=seconds, fails=fails, **where)
        job_id = f"{self.site}||{uuid.uuid4().hex[:12]}"
        queue = Queue(self.prefix + lane, connection=self.redis)
        queue.enqueue_call(STORMY, kwargs=call, job_id=job_id, timeout=300, result_ttl=KEPT_S, failure_ttl=KEPT_S)
        self.owed.add(job_id)
        return job_id

    def status(self, job_id: str) -> str | None:
        said: Any = self.redis.hget(keys.job(job_id), "status")
        return said.decode() if said else None

    def ran_on(self, job_id: str) -> str:
        said: Any = self.redis.hget(keys.job(job_id), "worker_name")
        return said.decode() if said else ""

    def error(self, job_id: str) -> str:
        """The last line of what its run failed with."""
        with contextlib.suppress(RedisError):
            for result in Result.all(Job.fetch(job_id, connection=self.redis)):
                if result.exc_string:
                    return result.exc_string.strip().splitlines()[-1][:160]
        return "no error"

    def stands(self, job_id: str) -> bool:
        """In its queue."""
        lane: Any = self.redis.hget(keys.job(job_id), "origin")
        return job_id.encode() in self.redis.lrange(keys.queue(lane.decode() if lane else ""), 0, -1)


def reader_pid(redis: Redis) -> int | None:
    value: Any = redis.get(keys.stack_reader(host()))
    first = value.split()[0] if value else b""
    return int(first) if first.isdigit() and Path(f"/proc/{int(first)}").exists() else None


@dataclass
class Deployment:
    """All of it."""

    server: Server
    benches: tuple[Bench, Bench]
    rng: random.Random

    def each(self, do: Callable[[Bench], object]) -> None:
        for bench in self.benches:
            do(bench)

    def feed(self) -> None:
        """Some more work, not more than the workers can do."""
        for bench in self.benches:
            waiting = sum(bench.redis.llen(keys.queue(bench.prefix + lane)) for lane in LANES)
            if waiting < 4:
                lane = self.rng.choice(("short", "short", "default", "long"))
                bench.put(lane, self.rng.choice((0.0, 0.05, 0.3, 1.0)), fails=self.rng.random() < 0.02)
            if self.rng.random() < MAINTENANCE:
                clean_registries(Queue(bench.prefix + self.rng.choice(LANES), connection=bench.redis))


@contextlib.contextmanager
def deployment(folder: Path, rng: random.Random) -> Iterator[Deployment]:
    server = Server(folder)
    crew = Workers(server.url)
    with contextlib.ExitStack() as stack:
        stack.callback(server.end)
        stack.callback(crew.end_all)
        benches = (_bench(stack, server, crew, folder, "one:"), _bench(stack, server, crew, folder, "two:"))
        stack.callback(_end_readers, server)
        first, second = benches
        first.start_worker("short", "default")
        first.start_worker("long")
        first.start_worker("short", fork=False)
        second.start_worker("default", "short", "long")
        yield Deployment(server, benches, rng)


def _bench(stack: contextlib.ExitStack, server: Server, crew: Workers, folder: Path, prefix: str) -> Bench:
    client = stack.enter_context(contextlib.closing(Redis.from_url(server.url, socket_timeout=10)))
    own = folder / prefix.rstrip(":")
    made = Bench(prefix, client, Engine(client, prefix), own, Ledger(folder / "ledger"), crew)
    (own / "config").mkdir(parents=True)
    (own / "sites" / made.site).mkdir(parents=True)
    (own / "sites" / made.site / "site_config.json").write_text("{}")
    made.engine.folder = BenchFolder(own)
    made.start_scheduler()
    stack.callback(made.end_scheduler)
    return made


def _end_readers(server: Server) -> None:
    with contextlib.closing(Redis.from_url(server.url)) as client, contextlib.suppress(RedisError):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            pid = reader_pid(client)
            if pid:
                kill(pid, signal.SIGKILL)
                return
            if not client.exists(keys.stack_reader(host())):
                return
            time.sleep(0.1)

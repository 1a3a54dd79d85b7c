"""The faults. Each is made on a sea, and says what must be said of it, within how many seconds, and what else is true
then. Add one with `@fault`."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from socket import gethostname
from typing import Any

from rq import Queue
from rq.registry import StartedJobRegistry, clean_registries

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.models.warnings import Warning
from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.stacks import process
from tests.support.processes import kill
from tests.support.waiting import wait_until

from .bench import Bench, Sea, Worker, reader_pid

#: What has to be told within this, where the processes of the host are known.
SOON_S = 5.0
#: A ghost must be a few seconds old, and be found by two looks.
GHOST_S = SOON_S + diagnosis_limits.GHOST_AGE_S + diagnosis_limits.PROOF_S


@dataclass
class Told:
    """One thing that must be said."""

    bench: Bench
    what: str
    within_s: float
    is_it: Callable[[Bench], bool]
    after_s: float | None = None


@dataclass
class Struck:
    """What a fault has done."""

    at: float = field(default_factory=time.monotonic)
    told: list[Told] = field(default_factory=list)
    #: Jobs whose run it cut short, or of which nobody can know whether it did.
    hurt: set[str] = field(default_factory=set)
    #: Codes that are true besides, while it lasts.
    also: frozenset[str] = frozenset()
    workers: set[str] = field(default_factory=set)
    #: Afterwards nothing of what was before is owed.
    forgot_all: bool = False
    undo: list[Callable[[], object]] = field(default_factory=list)


Make = Callable[[Sea, random.Random], Struck]
FAULTS: dict[str, Make] = {}


def fault(name: str) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        FAULTS[name] = make
        return make

    return add


def warned(bench: Bench, code: str, **subject: Any) -> Callable[[Bench], bool]:
    def said(_bench: Bench) -> bool:
        return any(
            each.code == code and all(getattr(each, name) == value for name, value in subject.items())
            for each in bench.engine.watch.look().warnings
        )

    return said


def listed_gone(worker: str) -> Callable[[Bench], bool]:
    """Where the workers are listed, and so in the header's count."""
    return lambda bench: any(
        each.name == worker and each.state == "gone" and each.died for each in bench.engine.watch.look().bench.workers
    )


def _busy(sea: Sea, dice: random.Random) -> tuple[Bench, Worker]:
    """Some worker that has work in hand, or soon will."""
    bench = sea.benches[0] if dice.random() < 0.7 else sea.benches[1]
    worker = dice.choice(bench.workers)
    _known(bench, worker)
    lane = worker.queues[0].removeprefix(bench.prefix)
    bench.put(lane, dice.choice((0.2, 1.0, 30.0)))
    time.sleep(dice.random() * 0.6)
    return bench, worker


def _known(bench: Bench, *workers: Worker) -> None:
    """Who dies within the second before the reader first looks, and has run nothing, is known to nobody."""
    wait_until(lambda: all(bench.redis.exists(keys.process(each.name)) for each in workers), 60)


def _begun(bench: Bench, job_id: str) -> None:
    def has() -> bool:
        bench.tend()
        return job_id in bench.ledger.runs()[0]

    wait_until(has)


def _kill(bench: Bench, worker: Worker, with_horse: bool = True) -> Struck:
    """What is left of its job is looked up when both are gone: nothing moves it any more."""
    horses = bench.crew.horses(worker.process)
    bench.crew.kill(worker.process, with_horse=with_horse)
    struck = Struck(workers={worker.name}, also=frozenset({"no_workers"}))
    if with_horse:
        wait_until(lambda: not any(process.lives(pid) for pid in horses))
    struck.told.append(Told(bench, "the worker is gone", SOON_S, listed_gone(worker.name)))
    struck.undo.append(lambda: bench.replace(worker))
    began, ended = bench.ledger.runs()
    for job_id in sorted(bench.owed):
        status = bench.status(job_id)
        name: Any = bench.redis.hget(keys.job(job_id), "worker_name")
        if status == "started" and name == worker.name.encode():
            struck.hurt.add(job_id)
            goes_on = not with_horse and any(process.lives(pid) for pid in horses)
            within_s = SOON_S + diagnosis_limits.PROOF_S if goes_on else SOON_S
            struck.told.append(Told(bench, "its job is lost", within_s, _lost(bench, job_id)))
        elif status == "failed" and not ended.get(job_id):
            struck.hurt.add(job_id)  # its worker lived just long enough to say so
        elif status == "queued" and not bench.stands(job_id) and not began.get(job_id, 0) > ended.get(job_id, 0):
            struck.hurt.add(job_id)
            struck.told.append(Told(bench, "the job it took is a ghost", GHOST_S, _ghost(bench, job_id)))
    return struck


def _lost(bench: Bench, job_id: str) -> Callable[[Bench], bool]:
    """Unless its process, which went on, has come to its end."""
    lost = warned(bench, "worker_lost", job_id=job_id)
    return lambda seen: lost(seen) or bench.status(job_id) in ("finished", "failed")


def _ghost(bench: Bench, job_id: str) -> Callable[[Bench], bool]:
    """Or it turns out that somebody else had it, and it has ended."""
    codes = [warned(bench, code, job_id=job_id) for code in ("ghost_queued", "in_limbo", "worker_lost")]
    return lambda seen: any(code(seen) for code in codes) or bench.status(job_id) in ("finished", "failed")


@fault("a worker and its job are killed (-9)")
def worker_and_job(sea: Sea, dice: random.Random) -> Struck:
    return _kill(*_busy(sea, dice))


@fault("a worker is killed, its job goes on")
def worker_alone(sea: Sea, dice: random.Random) -> Struck:
    bench = sea.benches[0]
    worker = dice.choice([each for each in bench.workers if each.fork])
    _known(bench, worker)
    job_id = bench.put(worker.queues[0].removeprefix(bench.prefix), 8.0)
    _begun(bench, job_id)
    time.sleep(dice.random() * 0.3)
    worker = next((each for each in bench.workers if each.name == bench.ran_on(job_id)), worker)
    return _kill(bench, worker, with_horse=not worker.fork)


@fault("a job's process is killed")
def horse(sea: Sea, dice: random.Random) -> Struck:
    bench = sea.benches[0]
    worker = dice.choice([each for each in bench.workers if each.fork])
    job_id = bench.put(worker.queues[0].removeprefix(bench.prefix), 30.0)
    _begun(bench, job_id)
    runs_it: Any = bench.redis.hget(keys.job(job_id), "worker_name")
    worker = next(each for each in bench.workers if each.name.encode() == runs_it)
    pids = bench.crew.horses(worker.process)
    if not pids:  # one that does not fork took it
        return _kill(bench, worker)
    for pid in pids:
        kill(pid)
    struck = Struck(hurt={job_id})
    struck.told.append(Told(bench, "it was killed", SOON_S, warned(bench, "killed", job_id=job_id)))
    return struck


@fault("an idle worker that has run nothing is killed")
def fresh_worker(sea: Sea, dice: random.Random) -> Struck:
    bench = dice.choice(sea.benches)
    worker = bench.start_worker("idle")
    wait_until(lambda: bench.redis.exists(keys.process(worker.name)), 30, "the reader has recognised it")
    struck = _kill(bench, worker)
    struck.undo = [lambda: bench.workers.remove(worker)]
    return struck


@fault("the scheduler is killed")
def scheduler(sea: Sea, dice: random.Random) -> Struck:
    bench = sea.benches[0]
    bench.publish()
    wait_until(lambda: bench.redis.hexists(keys.SCHEDULER_PROCESSES, _field(bench)), 30, "somebody has seen it")
    bench.end_scheduler()
    struck = Struck(also=frozenset({"scheduler_down"}), undo=[bench.start_scheduler])
    # The process of the host looks at the lock once a second, for one bench; for others, whoever sweeps does.
    within_s = SOON_S if serves(bench, reader_pid(bench.redis)) else SOON_S + 2 * schedule_limits.SWEEP_EVERY_S
    struck.told.append(Told(bench, "it is gone", within_s, warned(bench, "scheduler_down", site=bench.site)))
    return struck


def serves(bench: Bench, reader: int | None) -> bool:
    try:
        return bench.prefix.encode() in Path(f"/proc/{reader}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _field(bench: Bench) -> str:
    return f"{bench.site}|{gethostname()}"


@fault("the reader of the host is killed")
def reader(sea: Sea, dice: random.Random) -> Struck:
    """Nothing is wrong with any job; the next one starts another reader."""
    bench = sea.benches[0]
    pid = reader_pid(bench.redis)
    if pid:
        kill(pid)
        wait_until(lambda: not process.lives(pid))
    struck = Struck()
    struck.told.append(Told(bench, "another one is there", 30.0, lambda _: reader_pid(bench.redis) not in (None, pid)))
    return struck


@fault("Redis restarts with what it had saved")
def with_memory(sea: Sea, dice: random.Random) -> Struck:
    sea.server.restart(with_memory=True)
    return Struck(also=frozenset({"worker_stale"}))


@fault("Redis restarts without its memory")
def without_memory(sea: Sea, dice: random.Random) -> Struck:
    for bench in sea.benches:
        bench.engine.watch.forget()
        bench.engine.watch.look()
    sea.server.restart(with_memory=False)
    now = datetime.now().astimezone()
    struck = Struck(forgot_all=True, also=frozenset({"no_workers", "workers_shrank", "worker_stale", "worker_lost"}))

    def lost(bench: Bench) -> Callable[[Bench], bool]:
        return lambda _: any(_is_new(each, now) for each in bench.engine.watch.look().warnings)

    for bench in sea.benches:
        struck.told.append(Told(bench, "its memory is lost", SOON_S, lost(bench)))
        struck.undo.append(lambda bench=bench: [_restart(bench, worker) for worker in list(bench.workers)])
        struck.undo.append(bench.publish)
    return struck


def _is_new(warning: Warning, since: datetime) -> bool:
    return warning.code == "memory_lost" and warning.since is not None and warning.since >= since


def _restart(bench: Bench, worker: Worker) -> None:
    worker.process.kill()
    worker.process.wait()
    bench.replace(worker)


@fault("a worker lives by another clock")
def clock(sea: Sea, dice: random.Random) -> Struck:
    bench = dice.choice(sea.benches)
    ahead = dice.choice((600, 3600, 86_400))
    worker = bench.start_worker("idle", extra=("--clock", str(ahead)))
    struck = Struck(workers={worker.name})
    within_s = SOON_S + diagnosis_limits.PROOF_S
    struck.told.append(Told(bench, "its clock is wrong", within_s, warned(bench, "worker_stale", worker=worker.name)))

    def end() -> None:
        bench.workers.remove(worker)
        os.kill(worker.process.pid, signal.SIGTERM)
        worker.process.wait()

    struck.undo.append(end)
    return struck


@fault("RQ's maintenance runs in the midst of a worker's end")
def maintenance(sea: Sea, dice: random.Random) -> Struck:
    """It may judge whatever is not ours to judge: a lease that is over, an entry that nobody knows."""
    bench, worker = _busy(sea, dice)
    lanes = [name.decode().removeprefix(keys.QUEUE_PREFIX) for name in bench.redis.smembers(keys.QUEUES)]
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(0.05):
            for lane in lanes:
                clean_registries(Queue(lane, connection=bench.redis))
                StartedJobRegistry(lane, connection=bench.redis).cleanup()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        struck = _kill(bench, worker)
    finally:
        ended.set()
        thread.join()
    return struck


@fault("the workers are suspended")
def suspended(sea: Sea, dice: random.Random) -> Struck:
    first = sea.benches[0]
    first.redis.set(keys.SUSPENDED, 1)
    struck = Struck(also=frozenset({"suspended"}), undo=[lambda: first.redis.delete(keys.SUSPENDED)])
    struck.told += [Told(each, "they are suspended", SOON_S, warned(each, "suspended")) for each in sea.benches]
    return struck


@fault("all workers of a bench are killed at once")
def whole_crew(sea: Sea, dice: random.Random) -> Struck:
    bench = sea.benches[0]
    _known(bench, *bench.workers)
    for worker in bench.workers:
        bench.put(worker.queues[0].removeprefix(bench.prefix), dice.choice((0.3, 30.0)))
    time.sleep(dice.random() * 0.6)
    for worker in bench.workers:
        for pid in (*bench.crew.horses(worker.process), worker.process.pid):
            kill(pid)
    parts = [_kill(bench, worker) for worker in list(bench.workers)]
    struck = Struck(also=frozenset({"no_workers"}))
    for part in parts:
        struck.told += part.told
        struck.hurt |= part.hurt
        struck.workers |= part.workers
        struck.undo += part.undo
    return struck

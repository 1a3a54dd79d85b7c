"""The faults. Each is made on a deployment, and says what must be reported of it. Add one with `@fault`."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
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

from .bench import Bench, Deployment, Worker, reader_pid
from .fault import SOON_S, Expected, Struck, begun, busy, fault, kill_worker, warned


@fault("a worker and its job are killed (-9)")
def worker_and_job(deployment: Deployment, rng: random.Random) -> Struck:
    return kill_worker(*busy(deployment, rng))


@fault("a worker is killed, its job goes on")
def worker_alone(deployment: Deployment, rng: random.Random) -> Struck:
    bench = deployment.benches[0]
    worker = rng.choice([each for each in bench.workers if each.fork])
    job_id = bench.put(worker.queues[0].removeprefix(bench.prefix), 8.0)
    begun(bench, job_id)
    time.sleep(rng.random() * 0.3)
    worker = next((each for each in bench.workers if each.name == bench.ran_on(job_id)), worker)
    return kill_worker(bench, worker, with_horse=not worker.fork)


@fault("a job's process is killed")
def horse(deployment: Deployment, rng: random.Random) -> Struck:
    bench = deployment.benches[0]
    worker = rng.choice([each for each in bench.workers if each.fork])
    job_id = bench.put(worker.queues[0].removeprefix(bench.prefix), 30.0)
    begun(bench, job_id)
    runs_it: Any = bench.redis.hget(keys.job(job_id), "worker_name")
    worker = next(each for each in bench.workers if each.name.encode() == runs_it)
    pids = bench.crew.horses(worker.process)
    if not pids:  # one that does not fork took it
        return kill_worker(bench, worker)
    for pid in pids:
        kill(pid)
    struck = Struck(hurt={job_id})
    struck.expected.append(Expected(bench, "it was killed", SOON_S, warned(bench, "killed", job_id=job_id)))
    return struck


@fault("an idle worker that has run nothing is killed")
def fresh_worker(deployment: Deployment, rng: random.Random) -> Struck:
    bench = rng.choice(deployment.benches)
    worker = bench.start_worker("idle")
    time.sleep(rng.choice((0.0, rng.random(), 3.0)))  # the reader has recognised it by then, or not
    struck = kill_worker(bench, worker)
    struck.undo = [lambda: bench.workers.remove(worker)]
    return struck


@fault("the scheduler is killed")
def scheduler(deployment: Deployment, rng: random.Random) -> Struck:
    bench = deployment.benches[0]
    bench.publish()
    wait_until(lambda: bench.redis.hexists(keys.SCHEDULER_PROCESSES, _field(bench)), 30, "somebody has seen it")
    bench.end_scheduler()
    struck = Struck(also=frozenset({"scheduler_down"}), undo=[bench.start_scheduler])
    # The process of the host looks at the lock once a second, for one bench; for others, whoever sweeps does.
    within_s = SOON_S if serves(bench, reader_pid(bench.redis)) else SOON_S + 2 * schedule_limits.SWEEP_EVERY_S
    struck.expected.append(Expected(bench, "it is gone", within_s, warned(bench, "scheduler_down", site=bench.site)))
    return struck


def serves(bench: Bench, reader: int | None) -> bool:
    try:
        return bench.prefix.encode() in Path(f"/proc/{reader}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _field(bench: Bench) -> str:
    return f"{bench.site}|{gethostname()}"


@fault("the reader of the host is killed")
def reader(deployment: Deployment, rng: random.Random) -> Struck:
    """Nothing is wrong with any job; the next one starts another reader."""
    bench = deployment.benches[0]
    pid = reader_pid(bench.redis)
    if pid:
        kill(pid)
        wait_until(lambda: not process.lives(pid))
    struck = Struck()
    struck.expected.append(
        Expected(bench, "another one is there", 30.0, lambda _: reader_pid(bench.redis) not in (None, pid))
    )
    return struck


@fault("Redis restarts with what it had saved")
def with_memory(deployment: Deployment, rng: random.Random) -> Struck:
    deployment.server.restart(with_memory=True)
    return Struck(also=frozenset({"worker_stale"}))


@fault("Redis restarts without its memory")
def without_memory(deployment: Deployment, rng: random.Random) -> Struck:
    for bench in deployment.benches:
        bench.engine.watch.forget()
        bench.engine.watch.look()
    deployment.server.restart(with_memory=False)
    now = datetime.now().astimezone()
    struck = Struck(forgot_all=True, also=frozenset({"no_workers", "workers_shrank", "worker_stale", "worker_lost"}))

    def lost(bench: Bench) -> Callable[[Bench], bool]:
        return lambda _: any(_is_new(each, now) for each in bench.engine.watch.look().warnings)

    for bench in deployment.benches:
        struck.expected.append(Expected(bench, "its memory is lost", SOON_S, lost(bench)))
        struck.undo.append(lambda bench=bench: [_restart(bench, worker, struck) for worker in list(bench.workers)])
        struck.undo.append(bench.publish)
    return struck


def _is_new(warning: Warning, since: datetime) -> bool:
    return warning.code == "memory_lost" and warning.since is not None and warning.since >= since


def _restart(bench: Bench, worker: Worker, struck: Struck) -> None:
    """It must register itself again. What it has in hand is killed with it."""
    struck.hurt |= kill_worker(bench, worker).hurt
    # What a heartbeat of one that was forgotten has written anew may name neither its process nor its job.
    bench.ended.add(worker.name)
    bench.replace(worker)


@fault("a worker lives by another clock")
def clock(deployment: Deployment, rng: random.Random) -> Struck:
    bench = rng.choice(deployment.benches)
    ahead = rng.choice((600, 3600, 86_400))
    worker = bench.start_worker("idle", extra=("--clock", str(ahead)))
    struck = Struck(workers={worker.name})
    within_s = SOON_S + diagnosis_limits.PROOF_S
    struck.expected.append(
        Expected(bench, "its clock is wrong", within_s, warned(bench, "worker_stale", worker=worker.name))
    )

    struck.undo.append(lambda: _end(bench, worker))
    return struck


@fault("a worker's clock is set while it works")
def clock_jumps(deployment: Deployment, rng: random.Random) -> Struck:
    """Forwards or back. It beats every second, so that it soon tells by its new clock."""
    bench = rng.choice(deployment.benches)
    seconds = rng.choice((-86_400, -3600, 600, 3600, 86_400))
    worker = bench.start_worker("idle", monitor=1, extra=("--jump", str(seconds)))
    job_id = bench.put("idle", 12.0)
    begun(bench, job_id)
    time.sleep(rng.random() * 0.6)
    os.kill(worker.process.pid, signal.SIGUSR1)
    # By its new clock RQ may take it for one that is past its timeout, and kill it.
    struck = Struck(workers={worker.name}, hurt={job_id})
    within_s = SOON_S + diagnosis_limits.PROOF_S
    struck.expected.append(
        Expected(bench, "its clock is wrong", within_s, warned(bench, "worker_stale", worker=worker.name))
    )
    struck.undo.append(lambda: _end(bench, worker))
    return struck


def _end(bench: Bench, worker: Worker) -> None:
    """As a supervisor does it: its job ends first."""
    bench.workers.remove(worker)
    os.kill(worker.process.pid, signal.SIGTERM)
    worker.process.wait()


@fault("RQ's maintenance runs in the midst of a worker's end")
def maintenance(deployment: Deployment, rng: random.Random) -> Struck:
    """It may judge whatever is not ours to judge: a lease that is over, an entry that nobody knows."""
    bench, worker = busy(deployment, rng)
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
        struck = kill_worker(bench, worker)
    finally:
        ended.set()
        thread.join()
    return struck


@fault("the workers are suspended")
def suspended(deployment: Deployment, rng: random.Random) -> Struck:
    first = deployment.benches[0]
    first.redis.set(keys.SUSPENDED, 1)
    struck = Struck(also=frozenset({"suspended"}), undo=[lambda: first.redis.delete(keys.SUSPENDED)])
    struck.expected += [
        Expected(each, "they are suspended", SOON_S, warned(each, "suspended")) for each in deployment.benches
    ]
    return struck


@fault("all workers of a bench are killed at once")
def whole_crew(deployment: Deployment, rng: random.Random) -> Struck:
    bench = deployment.benches[0]
    for worker in bench.workers:
        bench.put(worker.queues[0].removeprefix(bench.prefix), rng.choice((0.3, 30.0)))
    time.sleep(rng.random() * 0.6)
    for worker in bench.workers:
        for pid in (*bench.crew.horses(worker.process), worker.process.pid):
            kill(pid)
    parts = [kill_worker(bench, worker) for worker in list(bench.workers)]
    struck = Struck(also=frozenset({"no_workers"}))
    for part in parts:
        struck.expected += part.expected
        struck.hurt |= part.hurt
        struck.workers |= part.workers
        struck.undo += part.undo
    return struck

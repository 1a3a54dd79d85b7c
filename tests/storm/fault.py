"""What a fault is: what it has done, and what must be reported of it, within how many seconds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.redis import keys
from job_console.engine.stacks import process
from tests.support.waiting import wait_until

from .bench import Bench, Deployment, Worker

#: What has to be reported within this, where the processes of the host are known.
SOON_S = 5.0
#: A ghost must be a few seconds old, and be found by two looks.
GHOST_S = SOON_S + diagnosis_limits.GHOST_AGE_S + diagnosis_limits.PROOF_S


@dataclass
class Expected:
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
    expected: list[Expected] = field(default_factory=list)
    #: Jobs whose run it cut short, or of which nobody can know whether it did.
    hurt: set[str] = field(default_factory=set)
    #: Codes that are true besides, while it lasts.
    also: frozenset[str] = frozenset()
    workers: set[str] = field(default_factory=set)
    #: Afterwards nothing of what was before is owed.
    forgot_all: bool = False
    undo: list[Callable[[], object]] = field(default_factory=list)


Make = Callable[[Deployment, random.Random], Struck]
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


def busy(deployment: Deployment, rng: random.Random) -> tuple[Bench, Worker]:
    """Some worker that has work in hand, or soon will."""
    bench = deployment.benches[0] if rng.random() < 0.7 else deployment.benches[1]
    worker = rng.choice(bench.workers)
    lane = worker.queues[0].removeprefix(bench.prefix)
    bench.put(lane, rng.choice((0.2, 1.0, 30.0)))
    time.sleep(rng.random() * 0.6)
    return bench, worker


def begun(bench: Bench, job_id: str) -> None:
    def has() -> bool:
        bench.tend()
        return job_id in bench.ledger.runs()[0]

    wait_until(has)


def kill_worker(bench: Bench, worker: Worker, with_horse: bool = True) -> Struck:
    """What is left of its job is looked up when both are gone: nothing moves it any more."""
    horses = bench.crew.horses(worker.process)
    bench.crew.kill(worker.process, with_horse=with_horse)
    struck = Struck(workers={worker.name}, also=frozenset({"no_workers"}))
    if with_horse:
        wait_until(lambda: not any(process.lives(pid) for pid in horses))
    struck.expected.append(Expected(bench, "the worker is gone", SOON_S, listed_gone(worker.name)))
    struck.undo.append(lambda: bench.replace(worker))
    began, ended = bench.ledger.runs()
    for job_id in sorted(bench.owed):
        status = bench.status(job_id)
        name: Any = bench.redis.hget(keys.job(job_id), "worker_name")
        if status == "started" and name == worker.name.encode():
            struck.hurt.add(job_id)
            goes_on = not with_horse and any(process.lives(pid) for pid in horses)
            within_s = SOON_S + diagnosis_limits.PROOF_S if goes_on else SOON_S
            struck.expected.append(Expected(bench, "its job is lost", within_s, lost(bench, job_id)))
        elif status == "failed" and not ended.get(job_id):
            struck.hurt.add(job_id)  # its worker lived just long enough to say so
        elif status == "queued" and not bench.stands(job_id) and not began.get(job_id, 0) > ended.get(job_id, 0):
            struck.hurt.add(job_id)
            struck.expected.append(Expected(bench, "the job it took is a ghost", GHOST_S, ghost(bench, job_id)))
    return struck


def lost(bench: Bench, job_id: str) -> Callable[[Bench], bool]:
    """Unless its process, which went on, has come to its end."""
    lost = warned(bench, "worker_lost", job_id=job_id)
    return lambda seen: lost(seen) or bench.status(job_id) in ("finished", "failed")


def ghost(bench: Bench, job_id: str) -> Callable[[Bench], bool]:
    """Or it turns out that somebody else had it, and it has ended."""
    codes = [warned(bench, code, job_id=job_id) for code in ("ghost_queued", "in_limbo", "worker_lost")]
    return lambda seen: any(code(seen) for code in codes) or bench.status(job_id) in ("finished", "failed")

"""One storm: fault after fault, who says what of each, and what became of every job."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from job_console.engine.errors import RedisUnavailable
from job_console.engine.stacks import liveness

from . import faults  # noqa: F401 - adds them to FAULTS
from .bench import Bench, Deployment, deployment, reader_pid
from .fault import FAULTS, Expected, Struck
from .held_up import HeldUp
from .results import HEALTHY, Ended, Report, Result

#: True of what has been, for as long as it is news; said of nothing that goes on.
HISTORY = frozenset({"killed", "crash_loop", "failure_burst", "workers_shrank", "memory_lost", "redis_pressure"})
EVERY_S = 0.5
#: Waited for this many times as long before it counts as never.
PATIENCE = 6


class Storm:
    def __init__(self, folder: Path, seed: int, kinds: str = "") -> None:
        """`kinds`: only faults whose function's name contains this."""
        self.seed = seed
        self.kinds = [name for name in sorted(FAULTS) if kinds in FAULTS[name].__name__]
        self.folder = folder
        self.ended = Ended()
        #: Jobs that a fault has hurt, ever.
        self.hurt: set[str] = set()

    def run(self, numbers: Iterable[int], healthy_s: float = 0.0) -> Iterator[Result]:
        """Fault after fault; `healthy_s`: before them a stretch without any. Yields each as it ends."""
        # Who looks is on another host than the workers: it knows of their processes what the reader there has found.
        elsewhere = pytest.MonkeyPatch.context()
        with elsewhere as patch, deployment(self.folder, random.Random(self.seed)) as made:
            patch.setattr(liveness, "is_here", lambda _host: False)
            self._begin(made)
            if healthy_s:
                yield self._healthy(made, healthy_s)
            for number in numbers:
                yield self._one(made, number)
            self._settle(made)

    def _begin(self, made: Deployment) -> None:
        """Until each worker has run something, and the host has its reader."""
        made.each(lambda bench: bench.publish())
        for bench in made.benches:
            for worker in bench.workers:
                bench.put(worker.queues[0].removeprefix(bench.prefix), 0.05)
        self._wait(made, Result(0, "the beginning"), Struck(), lambda: not any(_open(each) for each in made.benches))

    def _one(self, made: Deployment, number: int) -> Result:
        rng = random.Random(f"{self.seed}:{number}")
        name = rng.choice(self.kinds)
        result, began = Result(number, name), time.monotonic()
        struck = FAULTS[name](made, rng)
        self.hurt |= struck.hurt
        if struck.forgot_all:
            made.each(lambda bench: bench.owed.clear())
        self._hear(made, result, struck)
        for undo in struck.undo:
            undo()
        self.hurt |= struck.hurt
        self._mend(made, struck)
        still = self._wait(made, result, struck, lambda: not any(_trouble(bench) for bench in made.benches))
        if still:
            result.missed.append(f"still said: {_trouble(made.benches[0]) + _trouble(made.benches[1])}")
        self._calm(made, result, rng.uniform(1.0, 3.0), HISTORY)
        self._account(made, False, number)
        result.took_s = round(time.monotonic() - began, 2)
        return result

    def _healthy(self, made: Deployment, seconds: float) -> Result:
        """Nothing may be said at all."""
        result = Result(0, HEALTHY)
        self._calm(made, result, seconds, frozenset())
        self._account(made, False, 0)
        return result

    def _look(self, made: Deployment, result: Result, struck: Struck, excused: frozenset[str] = HISTORY) -> None:
        """One look at each bench; what is said and not true is noted."""
        with suppress(RedisError):
            made.feed()
        for bench in made.benches:
            bench.ended |= {each.name for each in bench.workers if each.process.poll() is not None}
            struck.workers |= bench.ended
            with suppress(RedisUnavailable):
                bench.engine.watch.forget()
                bench.engine.sweep()
                look = bench.engine.watch.look()
                struck.hurt |= {each.job_id for each in look.warnings if each.worker in struck.workers and each.job_id}
                self.hurt |= struck.hurt
                for each in look.warnings:
                    true = each.code in struck.also | excused or each.job_id in struck.hurt | self.hurt
                    if not true and each.worker not in struck.workers:
                        result.false.append(f"{bench.prefix} {each.code}: {each.message}")

    def _hear(self, made: Deployment, result: Result, struck: Struck) -> None:
        open_ = list(struck.expected)
        held_up = HeldUp(lambda: _processes(made))
        while open_:
            self._look(made, result, struck)
            for expected in list(open_):
                reported, now = _is_reported(expected), time.monotonic() - struck.at
                if not reported and now <= expected.within_s * PATIENCE:
                    continue
                what = f"{expected.bench.prefix} {expected.what}"
                late = now > expected.within_s
                report = Report(
                    what, expected.within_s, round(now, 2) if reported else None, held_up.most_s() if late else 0.0
                )
                result.reports.append(report)
                if not reported:
                    result.missed.append(f"{what}, within {expected.within_s * PATIENCE:g} s")
                open_.remove(expected)
            time.sleep(EVERY_S if open_ else 0.0)

    def _mend(self, made: Deployment, struck: Struck) -> None:
        """First what is safe; then what a person decides, who has looked at the processes of the host: what was killed
        is marked as failed, and what was taken and never begun is put back."""
        for bench in made.benches:
            bench.console.warnings.mend()
            reported = {each.job_id: each.code for each in bench.engine.watch.look().warnings if each.job_id}
            for job_id in sorted(bench.owed & (struck.hurt | reported.keys())):
                if bench.status(job_id) == "started" and not bench.ledger.lives(job_id):
                    if reported.get(job_id) == "worker_lost":
                        self.hurt.add(job_id)
                    bench.console.actions.run("fail", [job_id], "the storm killed it")
                elif reported.get(job_id) == "ghost_queued" and not bench.ledger.lives(job_id):
                    bench.console.actions.run("requeue", [job_id], "nobody has it")

    def _calm(self, made: Deployment, result: Result, seconds: float, excused: frozenset[str]) -> None:
        """Nothing is wrong: nothing is said, and nothing is mended."""
        result.calm_s = round(seconds, 2)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._look(made, result, Struck(), excused)
            for bench in made.benches:
                result.ended_by_themselves += len(bench.tend())
                for each in bench.console.warnings.mend()["results"]:
                    if each["job_id"] and bench.ran_on(each["job_id"]) in bench.ended:
                        self.hurt.add(each["job_id"])
                    elif each["job_id"] not in self.hurt:
                        result.false.append(f"mended {each}")
            time.sleep(EVERY_S)

    def _wait(self, made: Deployment, result: Result, struck: Struck, done: Callable[[], bool]) -> bool:
        """True when it never came."""
        until = time.monotonic() + 120
        while not done():
            self._look(made, result, struck)
            made.each(lambda bench: bench.tend())
            self._mend(made, struck)
            if time.monotonic() > until:
                return True
            time.sleep(EVERY_S)
        return False

    def _settle(self, made: Deployment) -> None:
        """All work ends."""
        until = time.monotonic() + 180
        while any(_open(bench) for bench in made.benches) and time.monotonic() < until:
            for bench in made.benches:
                bench.tend()
                bench.engine.watch.forget()
                bench.engine.sweep()
                bench.console.warnings.mend()
            time.sleep(EVERY_S)
        self._account(made, True, -1)

    def _account(self, made: Deployment, all_of: bool, after: int) -> None:
        """Of those that have ended, and at the end of all: each ran once, and to its end, unless it was hurt."""
        for bench in made.benches:
            said = {job_id: bench.status(job_id) for job_id in sorted(bench.owed)}
            began, ended = bench.ledger.runs()  # afterwards: what has ended stands in it
            for job_id, status in said.items():
                is_open = status not in ("finished", "failed")
                if is_open and not all_of:
                    continue
                bench.owed.discard(job_id)
                self.ended.jobs += 1
                ran, whole = began.get(job_id, 0), ended.get(job_id, 0)
                if ran > 1 and whole:
                    self.ended.doubled.append(f"{job_id}: began {ran} times, ended {whole} times")
                elif is_open or (whole == 0 and job_id not in self.hurt and bench.ran_on(job_id) not in bench.ended):
                    why = f"{bench.error(job_id)} on {bench.ran_on(job_id)}, accounted after fault {after}"
                    self.ended.lost.append(f"{job_id}: {status}, began {ran} times, ended {whole} times; {why}")


def _processes(made: Deployment) -> Iterator[int | None]:
    """All that have a part in it that something is said."""
    yield from (os.getpid(), made.server.process.pid)
    with suppress(RedisError):
        yield reader_pid(made.benches[0].redis)
    yield from (worker.process.pid for bench in made.benches for worker in bench.workers)


def _is_reported(expected: Expected) -> bool:
    with suppress(RedisUnavailable):
        return expected.is_it(expected.bench)
    return False


def _open(bench: Bench) -> list[str]:
    return [job_id for job_id in bench.owed if bench.status(job_id) not in ("finished", "failed")]


def _trouble(bench: Bench) -> list[str]:
    with suppress(RedisUnavailable):
        said = bench.engine.watch.look().warnings
        return [f"{each.code}: {each.message}" for each in said if each.code not in HISTORY]
    return ["Redis is away"]

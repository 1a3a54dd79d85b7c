"""One storm: fault after fault, who says what of each, and what became of every job."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from job_console.engine.errors import RedisUnavailable
from job_console.engine.stacks import liveness

from . import faults  # noqa: F401 - adds them to FAULTS
from .bench import Bench, Deployment, deployment
from .fault import FAULTS, Expected, Struck

#: True of what has been, for as long as it is news; said of nothing that goes on.
HISTORY = frozenset({"killed", "crash_loop", "failure_burst", "workers_shrank", "memory_lost", "redis_pressure"})
EVERY_S = 0.5
#: Between two looks, on a machine that had no time for any of this: it proves nothing against whoever is late.
STOOD_STILL_S = 2.5
#: Waited for this many times as long before it counts as never.
PATIENCE = 6


@dataclass
class Result:
    """Of one fault."""

    number: int
    name: str
    #: Seconds until each thing was said; None: never.
    after_s: list[float | None] = field(default_factory=list)
    #: Said in time, of those that could be timed.
    late: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    stood_still_s: float = 0.0
    #: Workers; RQ ends one whose job's heartbeat meets no Redis.
    ended_by_themselves: int = 0


@dataclass
class Ended:
    """What became of the jobs."""

    jobs: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


class Storm:
    def __init__(self, folder: Path, seed: int, kinds: str = "") -> None:
        """`kinds`: only faults whose function's name contains this."""
        self.seed = seed
        self.kinds = [name for name in sorted(FAULTS) if kinds in FAULTS[name].__name__]
        self.folder = folder
        self.results: list[Result] = []
        self.ended = Ended()
        #: Jobs that a fault has hurt, ever.
        self.hurt: set[str] = set()
        self._came = time.monotonic()

    def run(self, numbers: Iterator[int] | range) -> None:
        # Who looks is on another host than the workers: it knows of their processes what the reader there has found.
        elsewhere = pytest.MonkeyPatch.context()
        with elsewhere as patch, deployment(self.folder, random.Random(self.seed)) as made:
            patch.setattr(liveness, "is_here", lambda _host: False)
            self._begin(made)
            for number in numbers:
                self.results.append(self._one(made, number))
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
        result = Result(number, name)
        struck = FAULTS[name](made, rng)
        self.hurt |= struck.hurt
        if struck.forgot_all:
            made.each(lambda bench: bench.owed.clear())
        self._hear(made, result, struck)
        for undo in struck.undo:
            undo()
        self._mend(made, struck)
        still = self._wait(made, result, struck, lambda: not any(_trouble(bench) for bench in made.benches))
        if still:
            result.missed.append(f"still said: {_trouble(made.benches[0]) + _trouble(made.benches[1])}")
        self._calm(made, result, rng.uniform(1.0, 3.0))
        self._account(made, all_of=False)
        return result

    def _look(self, made: Deployment, result: Result, struck: Struck) -> float:
        """One look at each bench; what is said and not true is noted. Answers how long nobody looked before."""
        gap, self._came = time.monotonic() - self._came, time.monotonic()
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
                    true = each.code in struck.also | HISTORY or each.job_id in struck.hurt | self.hurt
                    if not true and each.worker not in struck.workers and gap < STOOD_STILL_S:
                        result.false.append(f"{bench.prefix} {each.code}: {each.message}")
        return gap

    def _hear(self, made: Deployment, result: Result, struck: Struck) -> None:
        open_ = list(struck.expected)
        while open_:
            gap = self._look(made, result, struck)
            now = time.monotonic() - struck.at
            result.stood_still_s += gap if gap > STOOD_STILL_S else 0.0
            for expected in list(open_):
                if _is_reported(expected):
                    expected.after_s = round(now, 2)
                    result.after_s.append(expected.after_s)
                    # What looks late when nobody could look is not late.
                    result.late += now - result.stood_still_s > expected.within_s
                    open_.remove(expected)
                elif now > expected.within_s * PATIENCE + result.stood_still_s:
                    result.after_s.append(None)
                    result.missed.append(f"{expected.bench.prefix} {expected.what}")
                    open_.remove(expected)
            time.sleep(EVERY_S if open_ else 0.0)

    def _mend(self, made: Deployment, struck: Struck) -> None:
        """First what is safe; then what a person decides: what was killed is marked as failed."""
        for bench in made.benches:
            bench.console.warnings.mend()
            for job_id in sorted(struck.hurt & bench.owed):
                if bench.status(job_id) == "started":
                    bench.console.actions.run("fail", [job_id], "the storm killed it")

    def _calm(self, made: Deployment, result: Result, seconds: float) -> None:
        """Nothing is wrong: nothing is said, and nothing is mended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._look(made, result, Struck())
            for bench in made.benches:
                result.ended_by_themselves += len(bench.tend())
                for each in bench.console.warnings.mend()["results"]:
                    if each["job_id"] and bench.ran_on(each["job_id"]) in bench.ended:
                        self.hurt.add(each["job_id"])
                    elif each["job_id"] not in self.hurt:
                        result.false.append(f"mended {each}")
            time.sleep(EVERY_S)

    def _wait(self, made: Deployment, result: Result, struck: Struck, done: object) -> bool:
        """True when it never came."""
        until = time.monotonic() + 120
        while not done():  # type: ignore[operator]
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
        self._account(made, all_of=True)

    def _account(self, made: Deployment, all_of: bool) -> None:
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
                elif is_open or (whole == 0 and job_id not in self.hurt):
                    self.ended.lost.append(f"{job_id}: {status}, began {ran} times, ended {whole} times")


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


def table(results: list[Result]) -> Iterator[str]:
    """In the words of benchmarks/README.md."""
    yield "| fault | made | to be reported | in time | late | never | median s | worst s | false words |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name in sorted({each.name for each in results}):
        of = [each for each in results if each.name == name]
        said = sorted(each for result in of for each in result.after_s if each is not None)
        never = sum(each is None for result in of for each in result.after_s)
        late = sum(result.late for result in of)
        median = f"{said[len(said) // 2]:.1f}" if said else ""
        worst = f"{said[-1]:.1f}" if said else ""
        false = sum(len(result.false) for result in of)
        yield (
            f"| {name} | {len(of)} | {len(said) + never} | {len(said) - late} | {late} | {never} | {median} | {worst} "
            f"| {false} |"
        )


def words(results: list[Result]) -> Counter[str]:
    """What was false, or never said, by its first words."""
    return Counter(word[:110] for each in results for word in (*each.false, *each.missed))

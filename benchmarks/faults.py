"""Lets the faults of tests/zoo loose on a bench, one after the other, and prints who says what of each.

Ours are the sweeps of a process that watches: every 5 s, the way `job-console watch` does it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import rq

from job_console.console.embedded import Embedded, embedded_server
from job_console.console.watching import SURVEY_SHARE
from job_console.engine.models.warnings import Warning
from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.service import Engine
from tests.support.processes import Workers
from tests.zoo import FAULTS, Fault, Zoo, healthy
from tests.zoo.fault import RQ, Subject, zoo

HERE = Path(__file__).resolve().parent
DASHBOARD = HERE / ".venv-rq-dashboard" / "bin" / "python"
SWEEPS = 4
TITLES = {
    "workers": "Workers",
    "runs": "Runs",
    "queues": "Lists and registries",
    "records": "Records and keys",
    "schedules": "Schedules",
    "bench": "Lanes",
    "server": "Redis",
    "locks": "Locks",
}


@dataclass(frozen=True)
class Result:
    fault: Fault
    #: None: not named.
    named: Warning | None
    subject: Subject
    sweeps: int
    seconds: float
    #: Codes besides.
    others: tuple[str, ...]
    dashboard: str
    rq: str


class Other:
    """A contestant in a process and environment of its own."""

    def __init__(self, python: str | Path, name: str) -> None:
        self._process = subprocess.Popen(
            [str(python), str(HERE / "other_tools.py"), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def shows(self, port: int, db: int) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{port} {db}\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def sweep(made: Zoo, fault: Fault, subject: Subject) -> tuple[Warning | None, int, float, tuple[str, ...]]:
    """(what named it, after so many sweeps, and seconds since the first of them began, codes besides)."""
    began, named, others = time.monotonic(), None, set()
    for number in range(1, SWEEPS + 1):
        at = time.monotonic()
        made.engine.watch.forget()
        look = made.engine.watch.look(SURVEY_SHARE * schedule_limits.SWEEP_EVERY_S)
        made.engine.sweep()
        for warning in look.warnings:
            if warning.code == fault.code and all(getattr(warning, key) == value for key, value in subject.items()):
                named = warning
            elif warning.code not in fault.also:
                others.add(warning.code)
        if named:
            return named, number, time.monotonic() - began, tuple(sorted(others))
        time.sleep(max(schedule_limits.SWEEP_EVERY_S - (time.monotonic() - at), 0))
    return None, SWEEPS, time.monotonic() - began, tuple(sorted(others))


def copy(client: redis.Redis, db: int) -> int:
    """Of all that is there, so that whoever looks may change it. 0, the original, where there are no writes."""
    try:
        for key in client.scan_iter(count=1_000):
            client.copy(key, key, destination_db=db, replace=True)
    except redis.ResponseError:
        return 0
    return db


def cell(shown: dict[str, Any], subject: Subject, client: redis.Redis) -> str:
    """What of the subject is shown: where its job is listed, its worker's state, its lane's counts."""
    if "error" in shown:
        return "*fails*"
    if "job_id" in subject:
        places = shown["jobs"].get(subject["job_id"], [])
        if "failed" in places and client.hget(keys.job(subject["job_id"]), "status") != b"failed":
            return "failed ¹"
        return ", ".join(places) or "nothing"
    if "worker" in subject:
        return str(shown["workers"].get(subject["worker"], "nothing"))
    counts = shown["queues"].get(subject.get("queue"), {})
    return ", ".join(f"{count:,} {where}" for where, count in counts.items()) or "nothing"


def let_loose(server: Embedded, fault: Fault, others: dict[str, Other]) -> Result:
    with zoo(server) as made:
        subject = fault.make(made)
        named, sweeps, seconds, besides = sweep(made, fault, subject)
        cells = [
            cell(other.shows(server.port, copy(made.redis, db)), subject, made.redis)
            for db, other in enumerate(others.values(), 1)
        ]
    return Result(fault, named, subject, sweeps, seconds, besides, *cells)


def table(results: list[Result]) -> Iterator[str]:
    yield "| fault | Job Console says | about | after | rq-dashboard shows | rq's getters show |"
    yield "| --- | --- | --- | ---: | --- | --- |"
    for module, title in TITLES.items():
        own = [result for result in results if result.fault.make.__module__.endswith(f".{module}")]
        if own:
            yield f"| **{title}** | | | | | |"
            yield from map(row, own)


def row(result: Result) -> str:
    said = f"`{result.fault.code}`" if result.named else f"**not** `{result.fault.code}`"
    besides = "".join(f" `{code}`" for code in result.others)
    kinds = {"job_id": "the job", "worker": "the worker", "queue": "the lane", "site": "the site"}
    about = next((kind for key, kind in kinds.items() if key in result.subject), "the bench")
    after = f"{result.sweeps} sweep{'s' if result.sweeps > 1 else ''}, {result.seconds:.1f} s"
    return f"| {result.fault.name} | {said}{besides} | {about} | {after} | {result.dashboard} | {result.rq} |"


def summary(results: list[Result]) -> Iterator[str]:
    named = [result for result in results if result.named]
    first = sum(result.sweeps == 1 for result in named)
    second = sum(result.sweeps == 2 for result in named)
    yield (
        f"Job Console named {len(named)} of {len(results)}: {first} in the first sweep, {second} in the second, "
        f"{len(named) - first - second} later; {sum(bool(result.others) for result in results)} with something besides."
    )
    for name in ("dashboard", "rq"):
        cells = [getattr(result, name) for result in results]
        failed, broken = sum("failed" in each for each in cells), sum(each == "*fails*" for each in cells)
        who = "rq-dashboard" if name == "dashboard" else "rq's getters"
        yield f"{who}: {failed} show as failed jobs, {broken} make it fail, and no fault is named."


def healthy_bench(server: Embedded) -> Iterator[str]:
    with contextlib.closing(redis.Redis.from_url(server.url)) as client:
        client.flushall()
        crew = Workers(server.url)
        try:
            came = healthy.run(client, Engine(client), crew)
        finally:
            crew.end_all()
    yield (
        f"A healthy bench: {healthy.JOBS:,} jobs in {came.seconds:.0f} s, {came.restarts} restarts of workers, "
        f"{came.acted:,} cancels, retries and moves, {came.looks} looks: {len(came.false)} false warnings, "
        f"{len(came.lost)} true ones (jobs that RQ lost when a worker was told to end)."
    )
    yield from sorted(came.false)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="faults whose function's name contains this")
    parser.add_argument("--no-healthy", action="store_true")
    options = parser.parse_args()
    faults = [each for each in FAULTS if each.since <= RQ and options.only in each.make.__name__]
    results = []
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(embedded_server())
        others = {"rq-dashboard": Other(DASHBOARD, "rq-dashboard"), "rq": Other(sys.executable, "rq")}
        for other in others.values():
            stack.callback(other.close)
        for fault in faults:
            results.append(let_loose(server, fault, others))
            print(row(results[-1]), file=sys.stderr, flush=True)
        print(*table(results), "", *summary(results), sep="\n")
        if not options.no_healthy:
            print("", *healthy_bench(server), sep="\n")
    print(f"\nrq {rq.VERSION}, redis-py {redis.__version__}, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()

"""How near `what if` comes to what really happens: of a made-up bench, and of jobs that real RQ workers ran.

    python -m benchmarks.what_if speed
    python -m benchmarks.what_if synthetic [--days N] [--seed N]
    python -m benchmarks.what_if recorded [--days N] [--file F]

Needs rq, redis, croniter and simpy (benchmarks/requirements.txt, `pip install simpy`), and starts its own server.
Runs are counted as the job hooks count them and put away as a sweep does it, so the whole way is measured: history,
load, fit, play. Days that are predicted are none of those that were recorded.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import redis

from benchmarks import what_if_load as made_up
from benchmarks import what_if_real as real
from benchmarks.what_if_load import CREW, DAY_S, DEFAULT, HOUR_S, LONG, SHORT, Ran
from job_console.console.embedded import embedded_server
from job_console.engine.history import narrow, rows
from job_console.engine.history.archive import BenchArchive
from job_console.engine.history.reader import HistoryReader
from job_console.engine.redis import keys
from job_console.engine.simulation import load as loads
from job_console.engine.simulation import pool
from job_console.engine.simulation.changes import Changes
from job_console.engine.simulation.limits import OF_A_COMMAND, OF_A_REQUEST, Budget
from job_console.engine.simulation.measured import percentile
from job_console.engine.simulation.what_if import what_if

LANES = (SHORT, DEFAULT, LONG)
Crew = Sequence[Sequence[str]]
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
#: What is changed: the workers, and methods that go elsewhere.
CHANGED: Mapping[str, tuple[Crew, Mapping[str, str]]] = {
    "as it is": (CREW, {}),
    "one worker more": ((*CREW, (SHORT, DEFAULT)), {}),
    "one fewer": (CREW[1:], {}),
    "others first": (((SHORT,), (DEFAULT, SHORT), (DEFAULT, LONG), (LONG, DEFAULT)), {}),
    "imports to long": (CREW, {"shop.import": LONG}),
}


def counted(client: redis.Redis, ran: Iterable[Ran], minutes_from: float) -> None:
    """As hooks and sweeps leave it: hours and days put away, the minutes since `minutes_from` still in their hashes."""
    seconds = {"minute": 60, "hour": HOUR_S, "day": DAY_S}
    found: dict[str, dict[int, Any]] = {period: {} for period in seconds}
    for run in ran:
        counters = {
            "k": 1,
            "s": round(1000 * run.run_s),
            f"R{narrow.bucket(run.run_s)}": 1,
            f"W{narrow.bucket(run.wait_s)}": 1,
        }
        for period, step in seconds.items():
            if period != "minute" or run.ended_at >= minutes_from:
                methods = found[period].setdefault(int(run.ended_at) // step * step, {})
                rows.add(methods.setdefault(run.method, {}).setdefault(run.lane, Counter()), counters)
    kept = BenchArchive(client)
    for period in ("hour", "day"):
        kept.put(period, found[period], {})
    for minute, methods in found["minute"].items():
        fields = {name: json.dumps(lanes) for name, lanes in methods.items()}
        client.hset(keys.statistics("minute", minute), mapping=fields)


def predicted(
    client: redis.Redis, now: float, crew: Crew, changes: Changes, budget: Budget, clock: Any
) -> dict[str, Any]:
    load = loads.read(HistoryReader(client, BenchArchive(client), None, now), "", now)
    answer = what_if(load, [tuple(each) for each in crew], changes, (clock, {}), budget)
    assert answer is not None
    return {lane.name: lane for lane in answer.lanes}


def due(methods: Sequence[made_up.Method] = made_up.METHODS) -> dict[tuple[str, str], list[float]]:
    """What a bench publishes of its schedules."""
    return {
        (method.name, method.lane): [HOUR_S * hour + 60.0 * minute for hour in range(24) for minute in method.clock]
        for method in methods
        if method.clock
    }


def show(name: str, lane: str, said: Mapping[str, float | None], waits: Sequence[float]) -> bool:
    """Whether its 90th percentile is near enough."""
    ordered = sorted(waits)
    cells, near = [], False
    for each, share in SHARES.items():
        real, told = percentile(ordered, share) or 0.0, said[each] or 0.0
        cells.append(f"{told:9.3f} {real:9.3f} {told / real - 1:+6.0%}")
        if each == "p90":
            near = abs(told - real) <= max(0.2 * real, 0.1)
    print(f"{name:<18}{lane.rpartition(':')[2]:<9}{len(ordered):>7} ", " ".join(cells), flush=True)
    return near


def synthetic(days: int, held_out: int, seed: int, budget: Budget) -> None:
    dice = random.Random(seed)
    jobs = [made_up.day(number, dice) for number in range(days + held_out)]
    now = int(time.time()) // DAY_S * DAY_S
    print(f"{sum(map(len, jobs[:days])):,} jobs in {days} recorded days, {held_out} held out, seed {seed}")
    with embedded_server() as server:
        client = redis.Redis.from_url(server.url)
        runs: list[Ran] = []
        for number in range(days):
            start = now - (days - number) * DAY_S
            played = made_up.waited(jobs[number], CREW, dice)
            runs += [Ran(run.method, run.lane, run.ended_at + start, run.wait_s, run.run_s) for run in played]
        counted(client, runs, now - DAY_S)
        errors = []
        for name, (crew, moved) in CHANGED.items():
            waits: dict[str, list[float]] = {}
            for each in jobs[days:]:
                elsewhere = [made_up.Job(j.at, j.method, moved.get(j.method, j.lane), j.run_s) for j in each]
                for run in made_up.waited(elsewhere, crew, dice):
                    waits.setdefault(run.lane, []).append(run.wait_s)
            began = time.process_time()
            said = predicted(client, now, CREW, Changes(tuple(map(tuple, crew)), moved), budget, due())
            took = time.process_time() - began
            errors += [show(name, lane, said[lane].then, waits[lane]) for lane in LANES]
            print(f"{'':<18}{took:.1f} s")
        tell(errors)


def recorded(days: int, held_out: int, seed: int, forks: bool, file: Path | None) -> None:
    """`file`: recordings are kept there, and taken from there the next time."""
    if file is None or not file.exists():
        numbers = range(days, days + held_out)
        with ThreadPoolExecutor() as threads:
            plays = {name: threads.submit(real.days, crew, numbers, seed, forks) for name, crew in real.CREWS.items()}
            plays[""] = threads.submit(real.days, real.CREW, range(days), seed, forks)
        found = {name: play.result() for name, play in plays.items()}
        if file is not None:
            file.write_bytes(pickle.dumps(found))
    else:
        found = pickle.loads(file.read_bytes())
    before, gaps = found.pop("")
    now = int(time.time()) // DAY_S * DAY_S
    runs = [
        Ran(run.method, run.lane, run.ended_at + now - (len(before) - number) * DAY_S, run.wait_s, run.run_s)
        for number, each in enumerate(before)
        for run in each
    ]
    print(f"{len(runs):,} jobs in {len(before)} days of {DAY_S / real.FASTER:.0f} s, {held_out} held out, seed {seed}")
    starts, gap = percentile(sorted(run.wait_s / real.FASTER for run in runs), 0.25), percentile(gaps, 0.5)
    print(f"A quarter starts within {starts:.4f} s; from an end to the worker's next start it takes {gap:.4f} s")
    with embedded_server() as server:
        client, errors = redis.Redis.from_url(server.url), []
        counted(client, runs, now - DAY_S)
        for name, play in found.items():
            waits: dict[str, list[float]] = {}
            for run in (run for of_day in play[0] for run in of_day):
                waits.setdefault(run.lane, []).append(run.wait_s)
            changes = Changes(tuple(map(tuple, real.CREWS[name])))
            said = predicted(client, now, real.CREW, changes, OF_A_COMMAND, due(real.METHODS))
            errors += [show(name, lane, said[lane].then, waits[lane]) for lane in LANES]
        tell(errors)


def tell(errors: Sequence[bool]) -> None:
    print(f"90th percentile within 20 %, or 0.1 s: {sum(errors)} of {len(errors)}")


def speed() -> None:
    import simpy  # noqa: F401 - or the comparison says less

    dice = random.Random(3)
    jobs = [job for number in range(12) for job in made_up.day(0, dice)]
    jobs = sorted(jobs, key=lambda job: job.at)[:100_000]
    crew = CREW * 12
    arrivals = [(job.at, LANES.index(job.lane), job.run_s, 0.03) for job in jobs]
    began = time.process_time()
    pool.play(arrivals, [[LANES.index(lane) for lane in each] for each in crew], 3, pool.Pace(0.015))
    ours = time.process_time() - began
    began = time.process_time()
    made_up.waited(jobs, crew, dice)
    print(f"{len(jobs):,} jobs, {len(crew)} workers: {ours:.2f} s; simpy {time.process_time() - began:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("speed", "synthetic", "recorded"))
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--held-out", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--request", action="store_true", help="with what a request may cost, not a command")
    parser.add_argument("--no-fork", action="store_true", help="workers that run jobs in their own process")
    parser.add_argument("--file", type=Path, help="where the recordings of real workers are kept")
    asked = parser.parse_args()
    if asked.what == "speed":
        speed()
    elif asked.what == "recorded":
        recorded(asked.days, asked.held_out, asked.seed, not asked.no_fork, asked.file)
    elif asked.what == "synthetic":
        synthetic(asked.days, asked.held_out, asked.seed, OF_A_REQUEST if asked.request else OF_A_COMMAND)


if __name__ == "__main__":
    main()

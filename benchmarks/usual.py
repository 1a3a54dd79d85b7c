"""What is unusual for this hour: false alarms of thirty simulated days; how many faults are told, how soon.

    python -m benchmarks.usual [--seeds N] [--cost]

The days are those of `tests/engine/history/simulated_days.py`: methods and lanes with a daily and a weekly rhythm,
noise and bursts, counted as jobs are and judged every ten minutes by the same code as a bench is. Four weeks of past
come before them. `--cost` asks instead, on a server of its own, what reading costs of a bench with 100 methods an hour.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import redis

from job_console.console.embedded import embedded_server
from job_console.engine.history import baselines, limits, narrow
from job_console.engine.history import statistics as counted
from job_console.engine.history.archive import DAY_S, HOUR_S, BenchArchive
from job_console.engine.history.statistics import EndedRun
from job_console.engine.look.unusual import Unusual
from job_console.engine.models.bench import Bench
from tests.engine.history.simulated_days import BEGIN, Days, Fault, Lane, Method, episodes

PAST_DAYS, DAYS = 28, 30
SINCE = BEGIN + PAST_DAYS * DAY_S
METHODS = [
    Method("1,200 an hour, 0.2 s", 1_200, 0.2, 0.6, 0.002),
    Method("600 an hour, 1 s", 600, 1.0, 0.4),
    Method("300 an hour, 2 s, 5 % fail", 300, 2.0, 0.8, 0.05),
    Method("120 an hour, 5 s", 120, 5.0, 0.5, 0.01),
    Method("120 an hour, 1 s, four times as long at night", 120, 1.0, 0.5, 0.0, 4.0),
    Method("60 an hour, 10 s, very unlike", 60, 10.0, 1.2, 0.02),
    Method("40 an hour, 30 s, a fifth fail", 40, 30.0, 0.5, 0.2),
    Method("10 an hour", 10, 60.0, 0.5, 0.01),
]
LANES = [
    Lane("short: 20 a minute, 60 at each hour", 1_200, 25, hourly=60),
    Lane("default: 5 a minute", 300, 7, hourly=20),
    Lane("long: 300 in the night", 60, 3, nightly=300),
]
BUSY, MIDDLE, VARIED = METHODS[1].name, METHODS[3].name, METHODS[5].name
#: A fault of an hour each, one a day at another hour of it.
FAULTS: dict[str, tuple[str, Fault]] = {
    "2.2 times as slow (600 an hour)": ("slower", Fault(0, BUSY, slower=2.2)),
    "thrice as slow (600 an hour)": ("slower", Fault(0, BUSY, slower=3)),
    "thrice as slow (120 an hour)": ("slower", Fault(0, MIDDLE, slower=3)),
    "five times as slow (60 an hour, very unlike)": ("slower", Fault(0, VARIED, slower=5)),
    "5 % fail instead of none (600 an hour)": ("failing_more", Fault(0, BUSY, fails=0.05)),
    "20 % fail instead of 1 % (120 an hour)": ("failing_more", Fault(0, MIDDLE, fails=0.19)),
    "40 % fail instead of 2 % (60 an hour)": ("failing_more", Fault(0, VARIED, fails=0.38)),
    "half of its workers are gone (short)": ("filling", Fault(0, lane=LANES[0].name, drains=0.5)),
    "no worker takes of it (default)": ("filling", Fault(0, lane=LANES[1].name, drains=0.0)),
}
#: Hours (UTC) of a working day at which they begin.
HOURS = (8, 9, 11, 13, 15)


def calm(seeds: int) -> None:
    found: Counter[str] = Counter()
    windows = 0
    for seed in range(seeds):
        said = Days(seed, METHODS, LANES, PAST_DAYS + DAYS).alarms(SINCE)
        windows += said.windows
        for code in ("slower", "failing_more", "filling"):
            each = list(episodes(getattr(said, code)))
            found[code] += len(each)
            for name, end in each:
                print(f"  {code}: {name}, {datetime.fromtimestamp(end, timezone.utc):%a %d %b %H:%M}")
    print(
        f"{seeds} times {DAYS} days without a fault, {windows:,} windows of {len(METHODS)} methods, {len(LANES)} lanes:"
    )
    for code in ("slower", "failing_more", "filling"):
        print(f"| `{code}` | {found[code]} | {found[code] / seeds / DAYS * 7:.2f} |")


def faulty() -> None:
    for name, (code, fault) in FAULTS.items():
        days = [day for day in range(DAYS) if day % 7 < 5][::2]
        faults = [
            replace(fault, at=SINCE + day * DAY_S + HOURS[number % len(HOURS)] * HOUR_S)
            for number, day in enumerate(days)
        ]
        methods = [each for each in METHODS if each.name == fault.method]
        lanes = [each for each in LANES if each.name == fault.lane]
        said = getattr(Days(1, methods, lanes, PAST_DAYS + DAYS, faults).alarms(SINCE), code)
        ends = [end for each in said.values() for end in each]
        after = [
            min((end - each.at for end in ends if each.at < end <= each.at + each.lasts_s), default=None)
            for each in faults
        ]
        told = [each / 60 for each in after if each is not None]
        middle = f"{statistics.median(told):.0f} | {max(told):.0f}" if told else "|"
        print(f"| {name} | `{code}` | {len(faults)} | {len(told)} | {middle} |", flush=True)


def cost() -> None:
    """100 methods with five hundred runs an hour each; the read that comes once an hour, and that of each minute."""
    with embedded_server() as server:
        client = redis.Redis.from_url(server.url)
        now = datetime.now(timezone.utc)
        row: dict[str, Any] = {f"{kind}{narrow.bucket(2.0) + n}": 10 for kind in "RW" for n in range(-25, 25)}
        methods = {f"shop.tasks.method_{n}": {"bench:short": {**row, "k": 500, "s": 10**6}} for n in range(100)}
        hours = {hour for each in baselines.pasts(now.timestamp()).values() for hour in each}
        BenchArchive(client).put("hour", dict.fromkeys(hours, methods), {})
        day = int(now.timestamp()) // DAY_S * DAY_S
        BenchArchive(client).put("day", {day - n * DAY_S: methods for n in range(1, limits.SCHEDULE_DAYS + 1)}, {})
        for n in range(100 * 250):
            run = EndedRun(f"shop.tasks.method_{n % 100}", "bench:short", "finished", now, 2.0, 0.3, site="a")
            counted.record(client, run)
        reader = Unusual(client, "bench:")
        for name, at in (("the first look of an hour", 0.0), ("each minute", 61.0)):
            moment = datetime.fromtimestamp(now.timestamp() + at, timezone.utc)
            began, used = time.perf_counter(), time.process_time()
            reader.read(Bench(at=moment, lanes=(), workers=()), ())
            print(
                f"{name}: {(time.perf_counter() - began) * 1e3:.0f} ms, {(time.process_time() - used) * 1e3:.0f} ours"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cost", action="store_true")
    arguments = parser.parse_args()
    if arguments.cost:
        cost()
        return
    calm(arguments.seeds)
    faulty()


if __name__ == "__main__":
    main()

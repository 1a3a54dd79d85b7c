"""What metrics over time cost: how long each range of a generated month takes to open, and the bytes of what is kept.

    python -m benchmarks.history [--runs N] [--methods N] [--sites N] [--records N]

Needs rq, redis and croniter (benchmarks/requirements.txt), and starts its own server. A month of runs is drawn for each
hour, method and site (durations are log-normal, some methods fail) and put away as a sweep does it; rows of the last
hours and minutes are written as jobs leave them. Then the job hooks' own script counts `--records` runs, to tell how
long the server takes for one.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import redis

from job_console.console.embedded import embedded_server
from job_console.engine.history import archive, gauges, narrow, rows
from job_console.engine.history import statistics as counted
from job_console.engine.history.archive import DAY_S, HOUR_S, BenchArchive
from job_console.engine.history.ranges import RANGES
from job_console.engine.history.reader import put_gauges
from job_console.engine.history.statistics import EndedRun
from job_console.engine.redis import keys
from job_console.engine.service import Engine, Viewer

LANES = ("bench:short", "bench:default", "bench:long")
HOURS = 31 * 24
ROUNDS = 5
_TABLE = 4_000


class Method:
    """How often it runs, and of its durations a sample to draw from."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self.name = f"shop.module_{number % 17}.tasks.method_{number}"
        self.weight = 1 / (number + 3)
        self.lane = LANES[number % len(LANES)]
        middle, spread = math.exp(dice.gauss(0, 1.5)), dice.uniform(0.2, 0.8)
        self.ran = [middle * math.exp(dice.gauss(0, spread)) for _ in range(_TABLE)]
        self.ran_buckets = [f"R{narrow.bucket(each)}" for each in self.ran]
        self.waited_buckets = [f"W{narrow.bucket(math.exp(dice.gauss(-1, 1.2)))}" for _ in range(_TABLE)]
        self.mean_ms = round(1000 * statistics.fmean(self.ran))
        self.fails = dice.choice((0, 0, 0, 0.002, 0.02))

    def draw(self, runs: int, dice: random.Random) -> Counter[str]:
        failed = sum(dice.random() < self.fails for _ in range(runs)) if self.fails else 0
        found = Counter(dice.choices(self.ran_buckets, k=runs - failed) + dice.choices(self.waited_buckets, k=runs))
        found.update({"k": runs - failed, "s": self.mean_ms * runs})
        if failed:
            found.update({"f": failed, "x:ValueError": failed})
        return found


class Month:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.dice = random.Random(7)
        self.methods = [Method(number, self.dice) for number in range(arguments.methods)]
        self.sites = [f"site-{number}.example" for number in range(arguments.sites)]
        weight = sum(method.weight for method in self.methods)
        self.an_hour = {method.name: arguments.runs / HOURS * method.weight / weight for method in self.methods}

    def bucket(self, seconds: int) -> dict[str, dict[str, Any]]:
        """By site, the rows of one minute or hour."""
        found: dict[str, dict[str, Any]] = {site: {} for site in self.sites}
        for method in self.methods:
            wanted = self.an_hour[method.name] * seconds / HOUR_S / len(self.sites)
            for site in self.sites:
                runs = int(wanted) + (self.dice.random() < wanted % 1)
                if runs:
                    found[site][method.name] = {method.lane: method.draw(runs, self.dice)}
        return found


def count_live(client: redis.Redis, period: str, start: int, sites: Mapping[str, Mapping[str, Any]]) -> None:
    pipeline = client.pipeline(transaction=False)
    whole = rows.cut(rows.merged(sites.values()), 200 if period == "hour" else 100)
    pipeline.hset(keys.statistics(period, start), mapping={name: json.dumps(lanes) for name, lanes in whole.items()})
    for site, methods in sites.items():
        if methods:
            own = {name: json.dumps(lanes) for name, lanes in methods.items()}
            pipeline.hset(keys.statistics_of(period, start, site), mapping={counted.BORN: "1", **own})
            pipeline.hset(keys.totals(period, start), site, json.dumps(rows.together(methods)[rows.ALL]))
    pipeline.execute()


def fill(client: redis.Redis, month: Month, now: int) -> dict[str, int]:
    """Bytes that one site keeps in its database of an hour and a day."""
    kept, this_hour = BenchArchive(client), now // HOUR_S * HOUR_S
    days: dict[int, list[Any]] = {}
    of_site: dict[int, list[Any]] = {}
    sizes: dict[str, list[int]] = {"hour": [], "day": []}
    for hour in range(this_hour - HOURS * HOUR_S, this_hour + 1, HOUR_S):
        sites = month.bucket(HOUR_S)
        methods = rows.merged(sites.values())
        totals = {site: rows.together(found).get(rows.ALL, {}) for site, found in sites.items()}
        days.setdefault(hour // DAY_S * DAY_S, []).append((methods, totals))
        first = sites[month.sites[0]]
        of_site.setdefault(hour // DAY_S * DAY_S, []).append(first)
        sizes["hour"].append(site_bytes(first))
        if hour < this_hour:
            kept.put("hour", {hour: methods}, {hour: totals})
            put_samples(client, "hour", hour)
        if hour > this_hour - 5 * HOUR_S:
            count_live(client, "hour", hour, sites)
    over = archive.days_over(now)[0]
    for day, hours in days.items():
        sizes["day"].append(site_bytes(rows.merged(of_site[day])))
        if day > over:  # it is read from its hours
            continue
        put_samples(client, "day", day)
        kept.put("day", {day: rows.merged(m for m, _t in hours)}, {day: rows.merged(t for _m, t in hours)})
    # A year of days: the same month again.
    for day in sorted(days):
        for months in range(1, 13):
            for key in (keys.history, keys.history_of_sites):
                client.copy(key("day", day), key("day", day - months * 31 * DAY_S))
    for minute in range(now // 60 * 60 - 6 * HOUR_S, now, 60):
        count_live(client, "minute", minute, month.bucket(60))
    return {name: round(statistics.fmean(each[1:-1])) for name, each in sizes.items()}


def put_samples(client: redis.Redis, period: str, start: int) -> None:
    sample = gauges.Sample(3.5, 6, dict.fromkeys(LANES, (40, 12.5)))
    client.hset(keys.history(period, start), f"{archive.GAUGES}:", rows.pack(put_gauges(sample)))


def site_bytes(methods: rows.Rows) -> int:
    packed = (rows.pack(each) for each in (methods, rows.together(methods), rows.without_histograms(methods)))
    return sum(-(-len(each) // 3) * 4 for each in packed)  # as base64


def used(client: redis.Redis, pattern: str) -> int:
    return sum(int(client.memory_usage(key) or 0) for key in client.scan_iter(keys.OURS + pattern, count=1000))


def opening(client: redis.Redis, month: Month) -> None:
    console = Engine(client).console(Viewer("benchmark"))
    method, site = month.methods[5].name, month.sites[1]
    asked: dict[str, dict[str, str]] = {
        "by method": {},
        "by queue": {"by": "queue"},
        "by site": {"by": "site"},
        "one method": {"method": method},
        "one site": {"site": site},
    }
    print(f"\n{'ms, of them ours, KB':>20}", *(f"{name:>18}" for name in asked))
    for last in RANGES:
        cells = []
        for arguments in asked.values():
            took = []
            for _ in range(ROUNDS):
                console.snapshot()  # the look that the page has anyway
                began, used_s = time.perf_counter(), time.process_time()
                answer = console.history.read(last, **arguments)
                took.append(((time.perf_counter() - began) * 1e3, (time.process_time() - used_s) * 1e3))
            whole, ours = (statistics.median(each) for each in zip(*took, strict=True))
            cells.append(f"{whole:6.0f} {ours:5.0f} {len(json.dumps(answer)) / 1e3:4.0f}")
        print(f"{last:>20}", *(f"{cell:>18}" for cell in cells), flush=True)


def counting(client: redis.Redis, month: Month, records: int) -> None:
    client.config_resetstat()
    for number in range(records):
        method = month.methods[number % 40]
        at, seconds = datetime.now(timezone.utc), month.dice.choice(method.ran)
        site = month.sites[number % len(month.sites)]
        run = EndedRun(method.name, method.lane, "finished", at, seconds, 0.3, site=site)
        counted.record(client, run)
    about: Any = client.info("commandstats")
    print(f"\nCounting a run: {about['cmdstat_eval']['usec_per_call']:.0f} µs in the server, one command")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, usual in (("runs", 10_000_000), ("methods", 300), ("sites", 20), ("records", 20_000)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    arguments = parser.parse_args()
    with embedded_server() as server:
        client = redis.Redis.from_url(server.url)
        month, now = Month(arguments), int(time.time())
        sizes = fill(client, month, now)
        print(f"{arguments.runs:,} runs in 31 days, {arguments.methods} methods, {arguments.sites} sites")
        for pattern in ("history:hour:*", "history:day:*", "history_sites:*", "stats:minute:*", "totals:minute:*"):
            print(f"{pattern:>18}  {used(client, pattern) / 1e6:8.2f} MB in Redis")
        methods = min(arguments.methods, archive.limits.METHODS_PUT_AWAY)
        for period, times in (("hour", HOURS), ("day", 31)):
            size = sizes[period]
            print(f"One site, one {period}: {size:,} bytes; {size * times / methods:,.0f} a method and month")
        opening(client, month)
        counting(client, month, arguments.records)


if __name__ == "__main__":
    main()

"""What 500 schedules cost: the Schedule view, the next day foreseen, and the arithmetic beneath beside croniter's own.

    python -m benchmarks.schedules [--entries N] [--workers N]

Needs rq, redis and croniter (benchmarks/requirements.txt), and starts its own server.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import redis
from croniter import croniter

from job_console.console.embedded import embedded_server
from job_console.engine.models.schedule import Schedule, ScheduleEntry
from job_console.engine.schedule import cron
from job_console.engine.schedule.outlook import Outlook, quieter_minutes
from job_console.engine.schedule.rushes import rushes
from job_console.engine.schedule.simulate import Planned, foresee
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.schedule.upcoming import Ticks
from job_console.engine.service import Engine, Viewer

SITE = "a.localhost"
DAY = timedelta(days=1)
LANES = ("bench:short", "bench:default", "bench:long")


def expressions(count: int) -> list[str]:
    """As benches have them: many at full hours and at night, some every few minutes, few by the week or the month."""
    dice = random.Random(1)
    kinds = [
        lambda: f"*/{dice.choice((2, 4, 5, 10, 15, 30))} * * * *",
        lambda: f"{dice.randrange(60)} * * * *",
        lambda: f"0 {dice.randrange(6)} * * *",
        lambda: f"{dice.randrange(60)} {dice.randrange(24)} * * *",
        lambda: f"{dice.randrange(60)} {dice.randrange(24)} * * {dice.randrange(7)}",
        lambda: f"30 2 {dice.randrange(1, 29)} * *",
    ]
    return [dice.choice(kinds)() for _ in range(count)]


def timed(work: Callable[[], object], rounds: int = 5) -> float:
    """Milliseconds, the median of some rounds."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took)


def by_croniter(crons: list[str], start: datetime) -> int:
    """All times of a day, asked of croniter one by one."""
    found = 0
    for expression in crons:
        each, end = croniter(expression, start), start + DAY
        while each.get_next(datetime) <= end:
            found += 1
    return found


def by_ours(crons: list[str], start: datetime) -> int:
    found = 0
    for expression in crons:
        for at in cron.read(expression).matches(start):
            if at > start + DAY:
                break
            found += 1
    return found


def planned(crons: list[str], start: datetime) -> list[Planned]:
    dice, ticks = random.Random(2), Ticks(240.0)
    due = [croniter(each, start).get_next(float) for each in crons]
    return [
        Planned(
            SITE, f"entry-{n}", dice.choice(LANES), each, "UTC", ticks, dice.choice((0.5, 3.0, 20.0, 120.0)), due[n]
        )
        for n, each in enumerate(crons)
    ]


def view(client: redis.Redis, crons: list[str], start: datetime) -> Callable[[], object]:
    """What the page asks for, on a look that is there already."""
    entries = tuple(
        ScheduleEntry(f"entry-{n}", f"shop.entry_{n}", each, LANES[n % 3], job_id=f"{SITE}||{n}", due_at=start)
        for n, each in enumerate(crons)
    )
    ScheduleStore(client).publish(Schedule(SITE, True, entries=entries))
    console = Engine(client).console(Viewer("me", SITE))
    return console.schedules.all


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--entries", type=int, default=500)
    options.add_argument("--workers", type=int, default=4)
    asked = options.parse_args()
    start = datetime(2026, 11, 23, 17, tzinfo=timezone.utc)
    crons, wall = expressions(asked.entries), start.replace(tzinfo=None)
    entries, crew = planned(crons, start), [LANES] * asked.workers
    runs = by_ours(crons, wall)
    if runs != by_croniter(crons, wall):
        raise SystemExit("They do not find the same times.")

    def read_anew() -> None:
        cron.read.cache_clear()
        for each in crons:
            cron.read(each)

    day = foresee(entries, crew, start.timestamp())
    seen = Outlook(tuple(entries), tuple(crew), day, tuple(rushes(day, entries, crew)))
    theirs = timed(lambda: by_croniter(crons, wall), 3)
    ours = timed(lambda: by_ours(crons, wall))
    rows = [
        (f"all {runs:,} times of a day, by croniter", theirs),
        (f"the same by us (1/{theirs / ours:.0f})", ours),
        (f"reading {len(crons)} expressions anew", timed(read_anew)),
        ("reading them again", timed(lambda: [cron.read(each) for each in crons])),
        (
            f"the next day on {asked.workers} workers: {len(day.bars):,} runs",
            timed(lambda: foresee(entries, crew, day.start)),
        ),
        (f"quieter minutes for {len(seen.rushes)} rushes", timed(lambda: quieter_minutes(seen, SITE), 3)),
    ]
    with embedded_server() as server, contextlib.closing(redis.Redis(port=server.port)) as client:
        rows.append(("the Schedule view's answer", timed(view(client, crons, start))))
        client.connection_pool.disconnect()
    for name, milliseconds in rows:
        print(f"{name:<56}{milliseconds:>10.1f} ms")


if __name__ == "__main__":
    main()

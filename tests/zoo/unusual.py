"""What is unusual for this hour: past hours are written as they are put away, the last half hour as jobs count it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from job_console.engine.history import archive, baselines, gauges, limits, narrow, rows, statistics
from job_console.engine.history.archive import DAY_S, HOUR_S, BenchArchive
from job_console.engine.history.reader import put_gauges
from job_console.engine.history.statistics import EndedRun
from job_console.engine.models.bench import FailedRun
from job_console.engine.redis import keys
from tests.engine import bench
from tests.engine.bench import SHORT

from .fault import Subject, Zoo, fault

SITE, METHOD = "a.localhost", "shop.sync"


def past_hours(zoo: Zoo, of_method: Mapping[str, int], deepest: int = 5) -> None:
    """Every hour that this one is compared with was like that."""
    kept = BenchArchive(zoo.redis)
    now = datetime.now(timezone.utc).timestamp()
    # Also as they are a minute from now: the hours change once in an hour.
    hours = {hour for at in (now, now + 60) for each in baselines.pasts(at).values() for hour in each}
    kept.put("hour", {hour: {METHOD: {SHORT: dict(of_method)}} for hour in hours}, {})
    sample = rows.pack(put_gauges(gauges.Sample(1, 1, {SHORT: (deepest, 1.0)})))
    for hour in hours:
        zoo.redis.hset(keys.history("hour", hour), f"{archive.GAUGES}:", sample)


def ended(zoo: Zoo, outcomes: Iterable[str], run_s: float = 2.0, scheduled: bool = False) -> None:
    """Runs that have just ended."""
    for number, outcome in enumerate(outcomes):
        at = datetime.now(timezone.utc)
        failure = FailedRun(METHOD, f"{SITE}||j{number}", at, "ValueError", "no", SHORT, SITE, scheduled=scheduled)
        more: dict[str, Any] = {} if outcome == "finished" else {"failure": failure}
        run = EndedRun(METHOD, SHORT, outcome, at, run_s, 0.1, site=SITE, scheduled=scheduled, **more)
        statistics.record(zoo.redis, run)


def served(zoo: Zoo) -> None:
    job = zoo.enqueue()
    zoo.crew.start(SHORT)
    zoo.until(lambda: bench.status(zoo.redis, job.id) == "finished")


def usual() -> dict[str, int]:
    return {f"R{narrow.bucket(2.0)}": 200, "k": 200, "f": 1}


@fault("a method runs thrice as long as at this hour of other weeks and days", "slower")
def slower(zoo: Zoo) -> Subject:
    served(zoo)
    past_hours(zoo, usual())
    ended(zoo, ["finished"] * 40, run_s=6.0)
    return {"queue": SHORT, "site": SITE}


@fault("a method fails far more often than at this hour of other weeks and days", "failing_more")
def failing_more(zoo: Zoo) -> Subject:
    served(zoo)
    past_hours(zoo, usual())
    ended(zoo, [*["failed"] * 10, *["finished"] * 50])
    return {"queue": SHORT, "site": SITE}


@fault("more jobs come than one worker ends, beyond what waits at this hour", "filling")
def filling(zoo: Zoo) -> Subject:
    zoo.running()
    for number in range(60):
        zoo.enqueue(kwargs={"name": str(number)})
    past_hours(zoo, usual())
    now = int(datetime.now(timezone.utc).timestamp()) // 60 * 60
    for ago in range(29):
        minute = now - 60 * ago
        sample = gauges.packed(gauges.Sample(1, 1, {SHORT: (58 - 2 * ago, 1.0)}))
        zoo.redis.hset(keys.gauges("", minute // HOUR_S * HOUR_S), str(minute), sample)
    return {"queue": SHORT}


@fault("a schedule that has always ended well fails", "schedule_failed")
def schedule_failed(zoo: Zoo) -> Subject:
    served(zoo)
    today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [round((today - timedelta(days=ago)).timestamp()) for ago in range(1, limits.SCHEDULE_DAYS)]
    assert all(day % DAY_S == 0 for day in days)
    BenchArchive(zoo.redis).put("day", {day: {METHOD: {SHORT: {"k": 1, "s": 2_000}}} for day in days}, {})
    ended(zoo, ["failed"], scheduled=True)
    return {"queue": SHORT, "site": SITE}

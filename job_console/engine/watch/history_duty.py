"""The sweep's part of the past: samples what no job can count, and puts away the hours and days that are over.

Both may be done twice: a minute has one sample, and an hour is put away as the whole that it is.
"""

from __future__ import annotations

from datetime import datetime

from ..history import archive, gauges, limits, rows
from ..history.archive import DAY_S, GAUGES, HOUR_S, METHODS, SITES, BenchArchive
from ..history.reader import HistoryReader, put_gauges
from ..history.rows import Rows
from ..redis import keys
from ..redis.link import Redis, if_written, pipelined, reaching_redis
from .shared import Core
from .watch import Look

SAMPLE_EVERY_S = 60.0
PUT_AWAY_EVERY_S = 300.0


def sample(engine: Core, look: Look) -> None:
    with reaching_redis():
        if_written(lambda: gauges.write(engine.redis, engine.watch.queue_prefix, look.bench))


def put_away(engine: Core, look: Look) -> None:
    with reaching_redis():
        if_written(lambda: of_bench(engine.redis, engine.watch.queue_prefix, look.bench.at))


def of_bench(redis: Redis, queue_prefix: str, at: datetime) -> None:
    """Hours that are over, the last ones anew each time, then the days that they make up."""
    kept, now = BenchArchive(redis), at.timestamp()
    this_hour = int(now) // HOUR_S * HOUR_S
    hours = [this_hour - number * HOUR_S for number in range(1, limits.HOURS_BACK + 1)]
    wanted = sorted({*hours[: limits.RECENT_HOURS], *kept.missing("hour", hours[limits.RECENT_HOURS :])})
    methods = {start: found for start, (_born, found) in archive.live(redis, "hour", wanted, None).items() if found}
    kept.put("hour", methods, archive.live_sites(redis, "hour", list(methods)))
    _put_samples(redis, queue_prefix, "hour", hours)
    reader = HistoryReader(redis, kept, None, now)
    for day in kept.missing("day", archive.days_over(now)):
        put_day(kept, reader, day)
    _put_samples(redis, queue_prefix, "day", archive.days_over(now))


def put_day(kept: BenchArchive, reader: HistoryReader, day: int) -> None:
    of_day = archive.hours_of(day)
    methods = rows.merged(reader.rows("hour", of_day, METHODS).values())
    if methods:
        kept.put("day", {day: methods}, {day: rows.merged(reader.rows("hour", of_day, SITES).values())})


def _put_samples(redis: Redis, queue_prefix: str, period: str, starts: list[int]) -> None:
    """Of these those that have none yet, as far as anybody has looked."""
    reader = HistoryReader(redis, BenchArchive(redis), None, max(starts) + DAY_S)
    field = f"{GAUGES}:{queue_prefix}"
    pipeline = pipelined(redis)
    for start in starts:
        pipeline.hexists(keys.history(period, start), field)
    missing = [start for start, is_there in zip(starts, pipeline.execute(), strict=True) if not is_there]
    packed: dict[int, Rows] = {
        start: put_gauges(found) for start, found in reader.samples(queue_prefix, period, missing).items()
    }
    pipeline = pipelined(redis)
    for start, row in packed.items():
        pipeline.hset(keys.history(period, start), field, rows.pack(row))
        pipeline.expire(keys.history(period, start), archive.KEPT_S[period])
    if packed:
        pipeline.execute()

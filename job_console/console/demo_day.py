"""The day before the demo was opened, in numbers, for its charts: as much of it as the demo's workers really do.

How often each method runs was counted while the demo ran; how long it takes and how often it fails is drawn as its jobs
themselves do. So the curves go on where the demo begins. Only counts are written, as the jobs' own hooks write them:
by the minute for the last hour, and in wider steps before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

import redis

from job_console.engine.history import gauges, limits, statistics
from job_console.engine.history.gauges import Sample
from job_console.engine.history.statistics import EndedRun
from job_console.engine.redis import keys
from job_console.engine.redis.link import Pipeline, pipelined

from .demo_faults import WITHOUT_WORKERS
from .demo_jobs import LOCKED, WORK
from .demo_lanes import SITES, lane_name

#: Runs a minute, all sites together: four workers do no more. A report that nobody has run yet is not among them.
A_MINUTE: Mapping[str, float] = {
    "shop.mail.send_email": 23.0,
    "shop.search.update_index": 12.0,
    "shop.accounts.recompute_balance": 5.5,
    "shop.stock.sync_stock": 4.0,
    LOCKED: 4.0,
    "Sales Invoice.submit": 3.5,
    "shop.tasks.pull_email": 1.5,
    "shop.exports.export_ledger": 1.8,
    "shop.payments.capture": 0.05,
    "shop.imports.import_bank_statement": 0.03,
}
#: (back to, step). The charts have no finer ones.
_STEPS = (
    (timedelta(hours=24), timedelta(minutes=20)),
    (timedelta(hours=6), timedelta(minutes=3)),
    (timedelta(hours=1), timedelta(minutes=1)),
)
#: How differently long the runs of one step are that ended so; the others are as these.
_DRAWN = {"finished": 2, "failed": 1}
_WORKERS = 4
#: How deep lanes are, as `demo_lanes.DEPTH` makes them, and how long their oldest job waits: seconds.
_LANES = {"short": ((2, 7), (2.0, 9.0)), "default": ((6, 16), (3.0, 30.0)), "long": ((3, 4), (2.0, 60.0))}


def write(client: redis.Redis, now: datetime) -> None:
    pipeline = pipelined(client)
    for since, until in _steps(now):
        for method, rate in A_MINUTE.items():
            _count(pipeline, method, rate * (until - since) / timedelta(minutes=1), until)
        pipeline.execute()
    _depths(pipeline, now)
    pipeline.execute()


def _steps(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From the oldest one on; the last is not over."""
    begins = [now - back for back, _step in _STEPS]
    for (_back, step), at, end in zip(_STEPS, begins, [*begins[1:], now], strict=True):
        while at < end:
            # Behind no boundary of a minute, an hour or a day that the charts have.
            until = min(_next(at, step), end)
            yield at, until
            at = until


def _next(at: datetime, step: timedelta) -> datetime:
    seconds = step.total_seconds()
    return datetime.fromtimestamp((at.timestamp() // seconds + 1) * seconds, timezone.utc)


def _count(pipeline: Pipeline, method: str, expected: float, until: datetime) -> None:
    work, runs = WORK[method], _about(expected)
    failed = sum(random.random() < work.fails for _run in range(runs))
    for outcome, count in (("finished", runs - failed), ("failed", failed)):
        for share in _shares(count, _DRAWN[outcome]):
            run_s = random.uniform(*work.seconds)
            run = EndedRun(
                method,
                lane_name(work.lane),
                outcome,
                until - timedelta(milliseconds=1),
                run_s,
                random.lognormvariate(1.4, 1.1),
                site=random.choice(list(SITES)),
            )
            statistics.record(pipeline, run, share)


def _about(expected: float) -> int:
    """A whole number that is this on average, and a little more or less each time."""
    found = expected * random.uniform(0.85, 1.15)
    return int(found) + (random.random() < found % 1)


def _shares(count: int, most: int) -> list[int]:
    drawn = min(count, most)
    return [count // drawn + (number < count % drawn) for number in range(drawn)]


def _depths(pipeline: Pipeline, now: datetime) -> None:
    minute = timedelta(seconds=gauges.MINUTE_S)
    for number in range(1, 24 * 60):
        at = int((now - number * minute).timestamp()) // gauges.MINUTE_S * gauges.MINUTE_S
        lanes = {
            lane_name(lane): (random.randint(*depth), random.uniform(*wait)) for lane, (depth, wait) in _LANES.items()
        }
        reports = [minutes for minutes in WITHOUT_WORKERS if minutes > number]
        # Beside them the id of a job that is gone.
        lanes[lane_name("reports")] = (1 + len(reports), 60.0 * (max(reports) - number)) if reports else (0, 0.0)
        sample = Sample(_WORKERS, _WORKERS, lanes)
        key = keys.gauges("", at // gauges.HOUR_S * gauges.HOUR_S)
        pipeline.hset(key, str(at), gauges.packed(sample))
        pipeline.expire(key, limits.GAUGES_TTL_S)

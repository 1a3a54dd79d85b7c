"""Which processes tick for a site's schedule: every scheduler process publishes its ticks.

Frappe keeps a second scheduler from starting by a lock on a file, which those of other hosts do not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ..redis import keys
from ..redis.link import Redis, pipelined
from ..rq.records import text
from . import limits


@dataclass(frozen=True, slots=True)
class Ticker:
    #: "host-a (process 4711)"
    name: str
    first_at: datetime
    last_at: datetime


def publish(redis: Redis, site: str, name: str) -> None:
    """Publish a tick of this process. Two round trips; processes that have not ticked for a day are removed."""
    pipeline = pipelined(redis)
    pipeline.time()
    pipeline.hgetall(keys.tickers(site))
    (seconds, _microseconds), published = pipeline.execute()
    known = {each.name: each for each in read(published)}
    first = known[name].first_at.timestamp() if name in known else seconds
    pipeline = pipelined(redis)
    pipeline.hset(keys.tickers(site), name, f"{first:.0f},{seconds}")
    old = [each.name for each in known.values() if seconds - each.last_at.timestamp() > limits.SCHEDULE_TTL_S]
    if old:
        pipeline.hdel(keys.tickers(site), *old)
    pipeline.expire(keys.tickers(site), limits.SCHEDULE_TTL_S)
    pipeline.execute()


def read(answer: Mapping[Any, Any]) -> tuple[Ticker, ...]:
    """What HGETALL answers; what is none of ours is left out."""
    found = (_ticker(text(name) or "", text(published) or "") for name, published in answer.items())
    return tuple(sorted((each for each in found if each), key=lambda each: each.name))


def at_work(tickers: Iterable[Ticker], tick_s: float, now: datetime) -> tuple[str, ...]:
    """The names of those that tick again and again. A tick that somebody asked for comes once."""
    since, apart = now - timedelta(seconds=limits.TICKING_TICKS * tick_s), timedelta(seconds=tick_s / 2)
    return tuple(each.name for each in tickers if each.last_at >= since and each.last_at - each.first_at >= apart)


def _ticker(name: str, value: str) -> Ticker | None:
    try:
        first, last = (datetime.fromtimestamp(float(each), timezone.utc) for each in value.split(","))
        return Ticker(name, first, last)
    except (ValueError, OverflowError, OSError):
        return None

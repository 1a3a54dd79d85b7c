"""Counters of one site, by the hour, for as long as a form looks back: a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, script
from ..rq import records
from . import limits

#: The field that counts the rest once there are `HOURLY_FIELDS`.
OTHERS = "(other)"
#: Jobs that were enqueued before the transaction that they depend on was committed, by method.
RACES, PREVENTED = "races", "races_prevented"
_HOUR_S = 3600


def add(redis: Redis | Pipeline, what: str, site: str, counts: Mapping[str, int], now: datetime) -> None:
    """One script call, on a connection or in a pipeline."""
    key = keys.own(what, site, str(_hour(now)))
    fields = [part for field, count in counts.items() for part in (field, count)]
    redis.eval(script("add_counts"), 1, key, limits.RAN_TTL_S, limits.HOURLY_FIELDS, OTHERS, *fields)


def last_day(redis: Redis, what: str, site: str, now: datetime) -> Counter[str]:
    """Of the last 24 hours and this one. One round trip."""
    pipeline = pipelined(redis)
    for hour in range(25):
        pipeline.hgetall(keys.own(what, site, str(_hour(now) - hour * _HOUR_S)))
    total: Counter[str] = Counter()
    for row in pipeline.execute():
        for field, count in row.items():
            total[records.text(field) or ""] += int(records.number(count) or 0)
    return total


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // _HOUR_S * _HOUR_S


class Pending:
    """Counts that a process keeps until its next round trip to Redis can take them along. Without a lock: counts that
    two threads send at the same moment may be lost, never doubled.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return sum(self._counts.values())

    def note(self, site: str, field: str) -> None:
        if len(self._counts) < limits.HOURLY_FIELDS:
            self._counts[site, field] += 1

    def flush(self, redis: Redis | Pipeline, what: str, now: datetime) -> None:
        counts, self._counts = self._counts, Counter()
        by_site: dict[str, dict[str, int]] = {}
        for (site, field), count in counts.items():
            by_site.setdefault(site, {})[field] = count
        for site, found in by_site.items():
            add(redis, what, site, found, now)

"""How long methods wait and run, and how they end: counted in Redis by the jobs' own hooks, read as `Usual`.

One hash per minute, hour and day; in it one field per method, with its lanes and their counters. Minutes and hours are
also counted of each site by itself, and in one hash of all sites' totals. Times are counted in fixed buckets, ten to a
factor of ten in days, narrow ones (`narrow`) in minutes and hours, so that any two counts can be added up. Every hash
has a TTL and a most number of methods (`limits.STATISTICS`); what is beyond is counted as `(other)`.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, TypeAlias

from ..models.bench import FailedRun, Usual
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, script
from ..rq import records
from . import failures_log, limits, narrow

OTHERS = "(other)"
#: A run of a job whose site is not known, among the sites.
NO_SITE = "(none)"
#: The field of a hash that tells one life of it from another: a hash that was lost is counted anew.
BORN = "@born"
#: The first bucket ends at a millisecond, the last at 11.5 days.
_SHORTEST_S = 0.001
PER_DECADE = 10
_LAST_BUCKET = 9 * PER_DECADE
_HOUR_S = 3600
#: Asked for the last quarter of an hour only: in this hour, or in the one before.
_WELL_TTL_S = 2 * _HOUR_S
_SCHEDULED = "@"
_NOT_IN_COUNTERS = re.compile(r"[^\w.]")
_OUTCOMES = {"finished": "k", "failed": "f", "timed_out": "t"}
#: By method and lane, the counters.
Rows: TypeAlias = Mapping[str, Mapping[str, Counter[str]]]


@dataclass(frozen=True, slots=True)
class EndedRun:
    method: str
    queue: str
    outcome: str  # finished | failed | timed_out
    at: datetime
    run_s: float | None = None
    wait_s: float | None = None
    failure: FailedRun | None = None
    site: str | None = None
    scheduled: bool = False


def bucket(seconds: float) -> int:
    """The bucket that holds this duration; each is 26 % wider than the one before."""
    if seconds <= _SHORTEST_S:
        return 0
    return min(math.ceil(round(PER_DECADE * math.log10(seconds / _SHORTEST_S), 9)), _LAST_BUCKET)


def upper_end(number: int) -> float:
    return float(_SHORTEST_S * 10 ** (number / PER_DECADE))


def record(redis: Redis | Pipeline, run: EndedRun, times: int = 1) -> None:
    """Count a run that has ended, or so many that are alike: one script call, on a connection or in a pipeline."""
    method = run.method[: limits.METHOD_CHARS]
    now = run.at.timestamp()
    failure = failures_log.arguments(run.failure) if run.failure else []
    site, hour = run.site or "", _start(now, _HOUR_S)
    counted = list(_hashes(run, method, now, times))
    names = [key for key, _arguments in counted] + [keys.ran(site, hour), keys.well(site, hour)]
    names += [keys.FAILURES, failures_log.key(run.failure)] if run.failure else []
    redis.eval(
        script("record_run"),
        len(names),
        *names,
        run.queue, len(counted), *(argument for _key, arguments in counted for argument in arguments),
        _SCHEDULED * run.scheduled + method, limits.RAN_TTL_S, limits.RAN_METHODS,
        now if run.outcome == "finished" else "", _WELL_TTL_S, *failure,
    )  # fmt: skip


def _hashes(run: EndedRun, method: str, now: float, times: int) -> Iterator[tuple[str, list[str | int]]]:
    """What counts a run: the hash, its field, its counters, its TTL, its most fields and its birth."""
    wide, fine = _counters_of(run, times, "r", "w", bucket), _counters_of(run, times, "R", "W", narrow.bucket)
    for period, seconds, ttl, most in limits.STATISTICS:
        yield keys.statistics(period, _start(now, seconds)), [method, wide if period == "day" else fine, ttl, most, ""]
    for period, seconds, ttl, most in limits.OF_SITES:
        start = _start(now, seconds)
        if run.site:
            yield keys.statistics_of(period, start, run.site), [method, fine, ttl, most, repr(now)]
        yield keys.totals(period, start), [run.site or NO_SITE, fine, ttl, limits.SITES, ""]


def _counters_of(run: EndedRun, times: int, ran: str, waited: str, number: Callable[[float], int]) -> str:
    counters = [_OUTCOMES[run.outcome]]
    if run.run_s is not None and run.outcome == "finished":
        counters.append(f"{ran}{number(run.run_s)}")
    if run.wait_s is not None:
        counters.append(f"{waited}{number(run.wait_s)}")
    if ran == "R" and run.failure:
        counters.append(f"x:{_NOT_IN_COUNTERS.sub('', run.failure.type)[: limits.KIND_CHARS]}")
    if times > 1:
        counters = [f"{each}={times}" for each in counters]
    if ran == "R":
        counters.append(f"s={round(1000 * times * (run.run_s or 0))}")
    return ",".join(counters)


def usual(redis: Redis, methods: Iterable[str], now: datetime) -> dict[str, Usual]:
    """What is usual for each method that has any history. One round trip."""
    wanted = list(dict.fromkeys(methods))
    if not wanted:
        return {}
    fields = [method[: limits.METHOD_CHARS] for method in wanted]
    _period, seconds, _ttl, _most = limits.STATISTICS[-1]
    pipeline = pipelined(redis)
    for day in range(limits.USUAL_DAYS):
        pipeline.hmget(keys.statistics("day", _start(now.timestamp(), seconds) - day * seconds), fields)
    days = pipeline.execute()
    found = {method: _total(rows) for method, rows in zip(wanted, zip(*days, strict=True), strict=True)}
    return {method: _usual(counters) for method, counters in found.items() if counters}


def ran(redis: Redis, site: str, now: datetime, hours: int = 24) -> Counter[tuple[str, bool]]:
    """How many runs of which methods ended on a site in the last `hours` and this one: (method, scheduled) to count.

    One round trip.
    """
    pipeline = pipelined(redis)
    for hour in range(hours + 1):
        pipeline.hgetall(keys.ran(site, _start(now.timestamp(), _HOUR_S) - hour * _HOUR_S))
    total: Counter[tuple[str, bool]] = Counter()
    for counts in pipeline.execute():
        for field, count in counts.items():
            name = field.decode("utf-8", "replace")
            total[name.removeprefix(_SCHEDULED), name.startswith(_SCHEDULED)] += int(count)
    return total


def last_day(redis: Redis, methods: Iterable[str], now: datetime) -> dict[str, Counter[str]]:
    """What was counted of these methods in the last 24 hours and this one, on all sites together: by lane.

    One round trip; for few methods, because each is asked for by the hour.
    """
    wanted = [method[: limits.METHOD_CHARS] for method in methods]
    if not wanted:
        return {}
    period, seconds, _ttl, _most = limits.STATISTICS[1]
    pipeline = pipelined(redis)
    for hour in range(25):
        pipeline.hmget(keys.statistics(period, _start(now.timestamp(), seconds) - hour * seconds), wanted)
    found: dict[str, Counter[str]] = {}
    for row in (row for rows in pipeline.execute() for row in rows):
        for lane, counters in _lanes(row).items():
            found.setdefault(lane, Counter()).update(counters)
    return found


def of_day(redis: Redis, now: datetime) -> Rows:
    """All that was counted on the day (UTC) of `now`, of all sites together. One round trip."""
    period, seconds, _ttl, _most = limits.STATISTICS[-1]
    rows: Any = redis.hgetall(keys.statistics(period, _start(now.timestamp(), seconds)))
    return {method.decode("utf-8", "replace"): _lanes(row) for method, row in rows.items()}


def seen(redis: Redis, site: str, now: datetime) -> list[str]:
    """The methods whose runs ended on a site in the last day, by name. One round trip."""
    return sorted({method for method, _scheduled in ran(redis, site, now)} - {OTHERS})


def succeeded_at(
    redis: Redis, methods: Iterable[tuple[str | None, str]], now: datetime, seconds: float
) -> dict[tuple[str | None, str], datetime]:
    """When each (site, method) last succeeded, where that was within `seconds` (an hour at most).

    One round trip. A success that was counted as `(other)` counts for every method of its site.
    """
    wanted, earliest = list(methods), now.timestamp() - seconds
    hours = sorted({_start(moment, _HOUR_S) for moment in (now.timestamp(), earliest)})
    pipeline = pipelined(redis)
    for site, method in wanted:
        for hour in hours:
            pipeline.hmget(keys.well(site or "", hour), [method[: limits.METHOD_CHARS], OTHERS])
    answers = iter(pipeline.execute())
    found: dict[tuple[str | None, str], datetime] = {}
    for each in wanted:
        ends = [records.number(end) or 0.0 for _hour in hours for end in next(answers)]
        if max(ends) >= earliest:
            found[each] = datetime.fromtimestamp(max(ends), timezone.utc)
    return found


def ended_well(redis: Redis, since: datetime, now: datetime) -> int:
    """How many runs of all sites succeeded between `since` and `now`, by whole minutes. One round trip."""
    period, seconds, _ttl, _most = limits.STATISTICS[0]
    pipeline = pipelined(redis)
    for start in range(_start(since.timestamp(), seconds), _start(now.timestamp(), seconds) + 1, seconds):
        pipeline.hvals(keys.statistics(period, start))
    return sum(_total(rows)[_OUTCOMES["finished"]] for rows in pipeline.execute())


def _start(now: float, seconds: int) -> int:
    return int(now) // seconds * seconds


def _total(rows: Iterable[Any]) -> Counter[str]:
    """All lanes and all rows together. Rows are ours, but anybody may write to Redis: odd ones count nothing."""
    total: Counter[str] = Counter()
    for row in rows:
        total.update(_counters(row))
    return total


def _counters(row: Any) -> Counter[str]:
    total: Counter[str] = Counter()
    for lane in _lanes(row).values():
        total.update(lane)
    return total


def _lanes(row: Any) -> dict[str, Counter[str]]:
    try:
        lanes = json.loads(row or b"{}").items()
        return {str(lane): Counter({str(name): int(count) for name, count in each.items()}) for lane, each in lanes}
    except (ValueError, TypeError, AttributeError):
        return {}


def _usual(counters: Counter[str]) -> Usual:
    ran, waited = histogram(counters, "r"), histogram(counters, "w")
    return Usual(
        runs=counters["k"],
        median_s=percentile(ran, 0.5),
        p99_s=percentile(ran, 0.99),
        wait_median_s=percentile(waited, 0.5),
        failed=counters["f"] + counters["t"],
        buckets=tuple(sorted(ran.items())),
    )


def histogram(counters: Mapping[str, int], kind: str) -> dict[int, int]:
    """How many took how long, by bucket: `kind` is `r` for what they ran, `w` for what they waited."""
    found: Counter[int] = Counter()
    for name, count in counters.items():
        if name[:1] in (kind, kind.upper()) and name[1:].isdecimal():
            number = int(name[1:])
            found[number if name[:1] == kind else narrow.wide(number)] += count
    return dict(found)


def percentile(histogram: Mapping[int, int], share: float) -> float | None:
    """The duration that this share of the runs did not exceed, to the end of its bucket."""
    need, seen = share * sum(histogram.values()), 0
    for number in sorted(histogram):
        seen += histogram[number]
        if seen >= need:
            return upper_end(number)
    return None

"""What ran over time, counted on a real server: percentiles, hours and days put away, a Redis that is emptied."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import redis as redis_py

from job_console.engine.history import archive, gauges, limits, narrow, rows, series, statistics
from job_console.engine.history.archive import COST_OF_SITES, DAY_S, HOUR_S, METHODS, SITES, TOTAL, BenchArchive
from job_console.engine.history.gauges import Sample
from job_console.engine.history.ranges import RANGES, Span
from job_console.engine.history.reader import HistoryReader, SiteOfBench
from job_console.engine.history.statistics import EndedRun
from job_console.engine.models.bench import FailedRun
from job_console.engine.redis import keys
from job_console.engine.watch import history_duty

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
HOUR = int(NOW.timestamp()) // HOUR_S * HOUR_S
DAY = HOUR // DAY_S * DAY_S
SITE, OTHER_SITE, SHORT = "a.localhost", "b.localhost", "bench:short"


def count(redis: redis_py.Redis, times: int = 1, at: datetime = NOW, **more: Any) -> None:
    fields = {"method": "shop.sync", "queue": SHORT, "outcome": "finished", "run_s": 2.0, "wait_s": 0.5, "site": SITE}
    for _ in range(times):
        statistics.record(redis, EndedRun(at=at, **{**fields, **more}))


def ended(found: Any) -> int:
    return sum(rows.runs(row) for row in found.values())


def bench(redis: redis_py.Redis, at: datetime = NOW) -> HistoryReader:
    return HistoryReader(redis, BenchArchive(redis), None, at.timestamp())


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("spread", [0.05, 0.5, 2.0])
def test_percentiles_of_merged_histograms_are_within_two_percent(share: float, spread: float) -> None:
    dice = random.Random(f"{share} {spread}")
    durations = [math.exp(dice.gauss(1.0, spread)) for _ in range(20_000)]
    parts: list[dict[int, int]] = [{}, {}, {}]
    for number, seconds in enumerate(durations):
        part, bucket = parts[number % 3], narrow.bucket(seconds)
        part[bucket] = part.get(bucket, 0) + 1
    whole = {key: sum(part.get(key, 0) for part in parts) for part in parts for key in part}
    exact = sorted(durations)[math.ceil(share * len(durations)) - 1]
    assert narrow.percentiles(whole, [share]) == [pytest.approx(exact, rel=0.02)]


def test_six_narrow_buckets_are_a_wide_one() -> None:
    for seconds in (0.0005, 0.001, 0.00101, 0.9, 1.0, 1.01, 59.0, 86_400.0, 10.0**9):
        assert narrow.wide(narrow.bucket(seconds)) == statistics.bucket(seconds)


def test_a_run_is_found_in_its_minute_its_hour_and_its_day(redis: redis_py.Redis) -> None:
    count(redis, 3)
    count(redis, 2, method="shop.pull", site=OTHER_SITE, queue="bench:long", run_s=9.0)
    reader, minute = bench(redis), int(NOW.timestamp()) // 60 * 60
    for period, start in (("minute", minute), ("hour", HOUR), ("day", DAY)):
        assert ended(reader.rows(period, [start], TOTAL)) == 5, period
        assert set(reader.rows(period, [start], SITES)[start]) == {SITE, OTHER_SITE}, period
        assert ended({0: {"": reader.rows(period, [start], METHODS)[start]["shop.pull"]}}) == 2, period


def test_a_site_reads_its_own_alone(redis: redis_py.Redis) -> None:
    count(redis, 3)
    count(redis, 2, method="their.secret", site=OTHER_SITE)
    mine = HistoryReader(redis, BenchArchive(redis), SITE, NOW.timestamp())
    for what in (TOTAL, METHODS, SITES):
        for period, start in (("minute", int(NOW.timestamp()) // 60 * 60), ("hour", HOUR)):
            found = mine.rows(period, [start], what)
            assert ended(found) == 3, (period, what)
            assert "their.secret" not in found[start]


def test_kinds_of_failures_are_counted_and_bounded(redis: redis_py.Redis) -> None:
    for number in range(12):
        failure = FailedRun("shop.sync", f"{SITE}||{number}", NOW, f"Error{number}", "no", SHORT, SITE)
        count(redis, 2, outcome="failed", failure=failure)
    count(redis, outcome="timed_out", failure=FailedRun("shop.sync", "x", NOW, "Odd,=Name", "no", SHORT, SITE))
    (lanes,) = bench(redis).rows("hour", [HOUR], TOTAL)[HOUR].values()
    counters = rows.counters(lanes[SHORT])
    kinds = series.kinds([statistics.Counter(counters)])
    assert kinds.pop(statistics.OTHERS) == 9
    assert kinds == {f"Error{number}": 2 for number in range(8)}
    assert (counters["f"], counters["t"]) == (24, 1)


def test_hours_and_days_that_are_over_are_put_away_once(redis: redis_py.Redis) -> None:
    yesterday = NOW - timedelta(days=1)
    for hours in range(40):
        count(redis, 2, at=NOW - timedelta(hours=hours))
    for _twice in range(2):
        history_duty.of_bench(redis, "", NOW)
    kept, reader = BenchArchive(redis), bench(redis)
    assert ended(kept.read("hour", [HOUR - HOUR_S * number for number in range(1, 40)], METHODS)) == 78
    assert ended(kept.read("hour", [HOUR], METHODS)) == 0, "it is not over"
    day = int(yesterday.timestamp()) // DAY_S * DAY_S
    in_day = sum(1 for hours in range(40) if (NOW - timedelta(hours=hours)).date() == yesterday.date())
    assert ended(kept.read("day", [day], METHODS)) == 2 * in_day
    assert ended(reader.rows("hour", [HOUR - HOUR_S * number for number in range(40)], TOTAL)) == 80
    assert ended(reader.rows("day", [day, DAY], TOTAL)) == 80
    # Of what is put away nothing is lost with the live hashes, which end after days.
    for key in [*redis.keys(keys.OURS + "stats:*"), *redis.keys(keys.OURS + "totals:*")]:
        redis.delete(key)
    later = NOW + timedelta(days=20)
    assert ended(bench(redis, later).rows("day", [day], SITES)) == 2 * in_day
    assert ended(bench(redis, later).rows("day", [day], COST_OF_SITES)) == 2 * in_day
    for site, runs in ((SITE, 2 * in_day), (OTHER_SITE, 0)):
        of_site = HistoryReader(redis, SiteOfBench(kept, site), site, later.timestamp())
        assert ended(of_site.rows("day", [day], TOTAL)) == runs
    assert all(redis.ttl(key) > DAY_S for key in redis.keys(keys.OURS + "history*"))


def test_a_redis_that_is_emptied_loses_what_was_not_written_down_and_counts_nothing_twice(
    redis: redis_py.Redis,
) -> None:
    kept: archive.Parts = {}

    def write_down() -> None:
        nonlocal kept
        kept = archive.with_part(kept, *archive.live(redis, "hour", [HOUR], SITE)[HOUR])

    count(redis, 5)
    write_down()
    write_down()
    assert rows.runs(archive.whole(kept)) == 5
    count(redis, 2)
    saved = redis.dump(keys.statistics_of("hour", HOUR, SITE))
    count(redis, 1, method="shop.pull")
    write_down()
    redis.flushdb()
    write_down()
    assert rows.runs(archive.whole(kept)) == 8, "nothing is there, and nothing is forgotten"
    count(redis, 4, at=NOW + timedelta(minutes=2))
    write_down()
    write_down()
    assert rows.runs(archive.whole(kept)) == 12
    # The server comes back as it was some minutes ago: that life counts on from there.
    redis.flushdb()
    redis.restore(keys.statistics_of("hour", HOUR, SITE), 0, saved)
    count(redis, 1)
    write_down()
    assert rows.runs(archive.whole(kept)) == 12, "what came since then is not known to be new"
    count(redis, 2)
    write_down()
    assert rows.runs(archive.whole(kept)) == 14
    assert rows.runs({"": archive.whole(kept)["shop.sync"]}) == 14


def test_methods_beyond_the_bound_are_put_away_together(redis: redis_py.Redis) -> None:
    many = {f"shop.m{number}": {SHORT: {"k": 1, "s": number, "R3": 1}} for number in range(limits.METHODS_PUT_AWAY + 9)}
    cut = rows.unpack(rows.pack(rows.cut(many)))
    assert len(cut) == limits.METHODS_PUT_AWAY + 1
    assert rows.runs(cut) == len(many)
    assert rows.runs({"": cut[statistics.OTHERS]}) == 9
    assert "shop.m0" not in cut


@pytest.mark.parametrize("odd", [b"x", b"[]", b'{"l": 3}', b'{"l": {"k": "x"}}', b"\x80"])
def test_rows_that_are_not_ours_count_nothing(redis: redis_py.Redis, odd: bytes) -> None:
    count(redis)
    for key in (keys.totals("hour", HOUR), keys.statistics("hour", HOUR)):
        redis.hset(key, "odd", odd)
    redis.hset(keys.history("hour", HOUR - DAY_S), mapping={TOTAL: odd, METHODS: odd})
    redis.hset(keys.gauges("", HOUR), mapping={str(HOUR): odd, "x": b"[1,1,{}]"})
    reader = bench(redis)
    assert ended(reader.rows("hour", [HOUR, HOUR - DAY_S], TOTAL)) == 1
    assert ended(reader.rows("hour", [HOUR, HOUR - DAY_S], METHODS)) == 1
    assert reader.samples("", "minute", [HOUR]) == {}


def test_samples_of_an_hour_and_a_day_tell_the_worst_of_each_lane(redis: redis_py.Redis) -> None:
    for minute, (busy, depth, wait) in enumerate([(1, 4, 3.0), (2, 50, None), (0, 0, 90.0)]):
        sample = Sample(busy, 2, {SHORT: (depth, wait)})
        redis.hset(keys.gauges("", HOUR - HOUR_S), str(HOUR - HOUR_S + 60 * minute), gauges.packed(sample))
    history_duty.of_bench(redis, "", NOW)
    redis.delete(keys.gauges("", HOUR - HOUR_S))
    worst = Sample(1.0, 2.0, {SHORT: (50, 90.0)})
    assert bench(redis).samples("", "hour", [HOUR - HOUR_S, HOUR]) == {HOUR - HOUR_S: worst}
    assert bench(redis).samples("", "day", [DAY]) == {DAY: worst}


@pytest.mark.parametrize("name", RANGES)
def test_a_range_ends_with_the_step_that_holds_now(name: str) -> None:
    span = Span.ending(RANGES[name], NOW.timestamp())
    assert span.until - span.wanted.step_s <= NOW.timestamp() < span.until
    assert span.until - span.since == span.wanted.seconds
    assert len(span.points) <= 400
    assert {span.point_of(start) for start in span.buckets} == set(range(len(span.points)))


def test_lines_beyond_the_most_expensive_are_one() -> None:
    points = [{f"m{n}": statistics.Counter({"k": 1, "s": 1000 * n}) for n in range(12)}, {}]
    lines = series.lines(points, series.ranked(points))
    assert [line.key for line in lines] == [f"m{n}" for n in range(11, 3, -1)] + [statistics.OTHERS]
    assert [line.runs for line in lines][-1] == [4, 0]
    assert lines[0].worker_s == [11.0, 0.0]

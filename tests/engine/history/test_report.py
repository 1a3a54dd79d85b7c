"""A week beside the week before it, counted on a real server: what is told of it, and what not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import redis as redis_py

from job_console.engine.history import gauges, report, report_advice, report_mail, rows, statistics
from job_console.engine.history.archive import DAY_S, METHODS, BenchArchive
from job_console.engine.history.gauges import Sample
from job_console.engine.history.reader import HistoryReader, SiteOfBench
from job_console.engine.history.report import Method, Queue, Report, Total
from job_console.engine.history.statistics import EndedRun
from job_console.engine.redis import keys

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
TODAY = int(NOW.timestamp()) // DAY_S * DAY_S
SHORT, SITE = "bench:short", "a.localhost"


def put(redis: redis_py.Redis, days_ago: int, method: str, lane: str = SHORT, **counters: int) -> None:
    """As a sweep puts away a day that is over."""
    kept, day = BenchArchive(redis), TODAY - days_ago * DAY_S
    there = kept.read("day", [day], METHODS).get(day, {})
    methods = rows.merged([there, {method: {lane: counters}}])
    kept.put("day", {day: methods}, {day: {SITE: rows.together(methods)[rows.ALL]}})


def week(redis: redis_py.Redis, until: datetime = NOW) -> Report:
    return report.week(HistoryReader(redis, BenchArchive(redis), None, NOW.timestamp()), "bench:", until.timestamp())


def test_two_weeks_of_whole_days_are_compared(redis: redis_py.Redis) -> None:
    for days_ago in range(1, 15):
        put(redis, days_ago, "shop.sync", k=8, f=2, s=10_000 if days_ago > 7 else 200_000, W120=10)
    put(redis, 3, "shop.pull", t=3, s=5_000)
    put(redis, 3, "other.bench", "another:short", k=100, s=10**9)
    put(redis, 15, "shop.sync", k=1000)
    statistics.record(redis, EndedRun("shop.sync", SHORT, "finished", NOW, 9.0, 0.1, site=SITE))  # of the running day
    found = week(redis)
    assert (found.until - found.since, found.until) == (7 * DAY_S, TODAY)
    assert (found.days, found.days_before) == (7, 7)
    assert found.now == Total(73, 14, 3, 1405.0)
    assert found.before == Total(70, 14, 0, 70.0)
    assert [each.name for each in found.failed_most] == ["shop.sync", "shop.pull"]
    assert [(each.name, each.grown_s) for each in found.grew] == [("shop.sync", 1330.0)]
    (queue,) = found.queues
    assert queue.name == SHORT
    assert queue.wait["p90"] == pytest.approx(0.1, rel=0.02)
    assert found.busy is None
    earlier = week(redis, NOW - timedelta(days=7))
    assert earlier.now == found.before
    assert earlier.days_before == 1


def test_a_week_of_which_less_is_known_says_so(redis: redis_py.Redis) -> None:
    assert (week(redis).days, week(redis).now, week(redis).queues) == (0, Total(), ())
    put(redis, 1, "shop.sync", k=5, s=9_000_000)
    found = week(redis)
    assert (found.days, found.days_before) == (1, 0)
    assert found.grew == [], "nothing is known of the week before"
    assert report_advice.advice(found) == []


def test_weeks_of_which_unlike_parts_are_known_are_not_compared(redis: redis_py.Redis) -> None:
    for days_ago in (1, 2, 3):
        put(redis, days_ago, "shop.sync", k=5, s=9_000_000)
    put(redis, 9, "shop.sync", k=5, s=1_000)
    assert week(redis).grew == [], "three days, and one of the week before"
    put(redis, 8, "shop.sync", k=5, s=1_000)
    assert [each.name for each in week(redis).grew] == ["shop.sync"]


def test_of_one_site_the_bench_forgets_methods_before_it_forgets_totals(redis: redis_py.Redis) -> None:
    for days_ago in range(1, 15):
        put(redis, days_ago, "shop.sync", k=5, s=9_000_000)
    statistics.record(redis, EndedRun("shop.sync", SHORT, "finished", NOW - timedelta(days=1), 900.0, 0.1, site=SITE))
    kept = SiteOfBench(BenchArchive(redis), SITE)
    found = report.week(HistoryReader(redis, kept, SITE, NOW.timestamp()), "bench:", NOW.timestamp())
    assert (found.days, found.days_before) == (7, 7)
    assert [each.name for each in found.methods] == ["shop.sync"]
    assert found.grew == []


def test_how_busy_the_workers_were_is_read_from_what_was_looked_at(redis: redis_py.Redis) -> None:
    for busy, minute in ((1, 0), (3, 60)):
        key = keys.gauges("bench:", TODAY - 3600)
        redis.hset(key, str(TODAY - 3600 + minute), gauges.packed(Sample(busy, 4, {SHORT: (1, 1.0)})))
    assert week(redis).busy == pytest.approx(0.5)


NONE = Total()


def method(now: Total, before: Total = NONE, name: str = "shop.sync") -> Method:
    return Method(name, now, before, {SHORT: now})


def told(*methods: Method, wait: float = 0.0, busy: float | None = None) -> list[str]:
    total = sum((each.now for each in methods), Total())
    waits = dict.fromkeys(("p50", "p90", "p99"), wait)
    queue = Queue(SHORT, total, waits, waits)
    found = Report(0, 7 * DAY_S, 7, 7, True, total, Total(1), methods, (queue,), busy)
    return [f"{each.code} {each.about}" for each in report_advice.advice(found)]


MANY = method(Total(500, 0, 0, 500.0), name="shop.many")
CASES: list[tuple[str, Callable[[], list[str]], list[str]]] = [
    ("a habit", lambda: told(method(Total(50, 10))), ["fails_often shop.sync"]),
    ("too few to be one", lambda: told(method(Total(9, 9))), []),
    ("too small a share", lambda: told(method(Total(51, 10))), []),
    ("timeouts", lambda: told(method(Total(50, 0, 3))), ["times_out shop.sync"]),
    ("two timeouts", lambda: told(method(Total(50, 0, 2))), []),
    ("one holds up many", lambda: told(MANY, method(Total(10, 0, 0, 600.0)), wait=30), ["holds_up_a_queue shop.sync"]),
    ("nobody waits", lambda: told(MANY, method(Total(10, 0, 0, 600.0)), wait=29), []),
    ("its runs are short", lambda: told(MANY, method(Total(11, 0, 0, 600.0)), wait=50), []),
    ("its share is small", lambda: told(MANY, method(Total(3, 0, 0, 200.0)), wait=50), []),
    ("there is nothing else", lambda: told(method(Total(10, 0, 0, 600.0)), wait=50), []),
    ("all are busy", lambda: told(MANY, wait=60, busy=0.7), [f"too_few_workers {SHORT}"]),
    ("most are idle", lambda: told(MANY, wait=60, busy=0.69), []),
    ("nobody looked", lambda: told(MANY, wait=60), []),
    ("twice as dear", lambda: told(method(Total(10, 0, 0, 1800.0), Total(10, 0, 0, 900.0))), ["grew shop.sync"]),
    ("not twice", lambda: told(method(Total(10, 0, 0, 1800.0), Total(10, 0, 0, 901.0))), []),
    ("cheap all the same", lambda: told(method(Total(10, 0, 0, 1799.0), Total(10, 0, 0, 900.0))), []),
    ("it hardly ran before", lambda: told(method(Total(10, 0, 0, 1800.0), Total(9, 0, 0, 9.0))), []),
]


@pytest.mark.parametrize(("advised", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_advice_is_given_from_its_limit_on(advised: Callable[[], list[str]], expected: list[str]) -> None:
    assert advised() == expected


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (Total(20, 0, 0, 4000.0), Total(20, 0, 0, 200.0), "a run took 3 min, not 10 s"),
        (Total(400, 0, 0, 4000.0), Total(20, 0, 0, 200.0), "it ran 400 times, not 20"),
    ],
)
def test_what_has_grown_is_told_with_its_cause(now: Total, before: Total, words: str) -> None:
    found = Report(0, 7 * DAY_S, 7, 7, True, now, before, (method(now, before),), (), None)
    (advice,) = report_advice.advice(found)
    assert words in advice.text
    mail = report_mail.mail(found, SITE)
    assert f"Background jobs of {SITE} in the week to 08 Jan 00:00 UTC: 0 of {now.runs} failed" == mail.subject
    assert [str(section.title) for section in mail.sections] == ["What to change", "What grew", "The week"]
    assert words in mail.sections[0].lines[0]
    assert all(isinstance(line, str) for section in mail.sections for line in section.lines)


def test_the_console_tells_it(redis: redis_py.Redis, console: Any) -> None:
    """Over the service, with the running bench's own clock: an empty bench."""
    found = console.history.report()
    assert found["notes"][0] == "Nothing was counted in this week."
    assert found["advice"] == found["failed_most"] == found["queues"] == []

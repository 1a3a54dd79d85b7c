"""What the last half hour was like, as it is read from a real server: how often it is asked, and whose it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from job_console.engine.history import baselines, limits, narrow, statistics
from job_console.engine.history.archive import BenchArchive
from job_console.engine.history.statistics import EndedRun
from job_console.engine.look import limits as look_limits
from job_console.engine.look.unusual import Unusual
from job_console.engine.models.bench import Bench, FailedRun
from job_console.engine.models.lately import Lately
from job_console.engine.models.warnings import Warning
from job_console.engine.scope import Scope

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
SHORT, ELSEWHERE = "bench:short", "other:short"
SITE, OTHER_SITE = "a.localhost", "b.localhost"


def bench(at: datetime = NOW) -> Bench:
    return Bench(at=at, lanes=(), workers=())


def past(redis: Any, *methods: str) -> None:
    hours = {hour for each in baselines.pasts(NOW.timestamp()).values() for hour in each}
    rows = {method: {SHORT: {f"R{narrow.bucket(2.0)}": 50, "k": 50}} for method in methods}
    BenchArchive(redis).put("hour", dict.fromkeys(hours, rows), {})


def ran(redis: Any, method: str = "shop.sync", times: int = 30, **more: Any) -> None:
    fields = {"queue": SHORT, "outcome": "finished", "at": NOW - timedelta(minutes=9), "run_s": 9.0, "site": SITE}
    for _ in range(times):
        statistics.record(redis, EndedRun(method=method, **{**fields, **more}))


def test_what_is_unusual_is_known_with_its_site_and_what_is_usual_is_not_asked(redis: Any, round_trips: Any) -> None:
    past(redis, "shop.sync", "shop.pull")
    ran(redis)
    ran(redis, "shop.pull", run_s=2.0)
    reader = Unusual(redis, "bench:")
    with round_trips() as first:
        (found,) = reader.read(bench(), ()).methods
    assert (found.method, found.queue, found.timed, found.sites) == ("shop.sync", SHORT, 30, (SITE,))
    assert len(first) <= 8
    with round_trips() as again:
        assert reader.read(bench(NOW + timedelta(seconds=look_limits.LATELY_TTL_S - 1)), ()).methods == (found,)
    assert len(again) == 0
    with round_trips() as a_minute_later:
        assert reader.read(bench(NOW + timedelta(seconds=look_limits.LATELY_TTL_S)), ()).methods == (found,)
    assert len(a_minute_later) <= 4


def test_what_ran_long_ago_and_what_another_bench_ran_do_not_count(redis: Any) -> None:
    past(redis, "shop.sync")
    ran(redis, at=NOW - timedelta(seconds=limits.LATELY_S + 120))
    ran(redis, queue=ELSEWHERE)
    assert Unusual(redis, "bench:").read(bench(), ()) == Lately()


def test_a_method_of_several_sites_is_told_to_whoever_sees_the_bench(redis: Any) -> None:
    past(redis, "shop.sync")
    ran(redis, times=20)
    ran(redis, times=20, site=OTHER_SITE)
    (found,) = Unusual(redis, "bench:").read(bench(), ()).methods
    assert found.sites == (SITE, OTHER_SITE)
    told = Warning("slower", "warning", "It is slower.", queue=SHORT, about="shop.sync", of_bench=True)
    assert Scope(None).warnings([told], bench()) == [told]
    assert Scope(SITE).warnings([told], bench()) == []


def test_a_schedule_that_ended_well_since_is_not_told(redis: Any) -> None:
    today = int(NOW.timestamp()) // 86_400 * 86_400
    days = {today - day * 86_400: {"shop.pull": {SHORT: {"k": 2, "f": int(day == 3)}}} for day in range(1, 8)}
    BenchArchive(redis).put("day", days, {})
    failed = FailedRun("shop.pull", "s1", NOW - timedelta(minutes=9), "ValueError", "no", SHORT, SITE, scheduled=True)
    (found,) = Unusual(redis, "bench:").read(bench(), [failed]).schedules
    assert (found.site, found.method, found.well, found.failed, found.days) == (SITE, "shop.pull", 14, 1, 7)
    ran(redis, "shop.pull", times=1, at=NOW - timedelta(minutes=4))
    assert Unusual(redis, "bench:").read(bench(), [failed]).schedules == ()

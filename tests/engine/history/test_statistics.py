"""What is usual, counted and read on a real server."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import redis as redis_py
from hypothesis import given
from hypothesis import strategies as st

from job_console.engine.history import failures_log, statistics
from job_console.engine.history import limits as history_limits
from job_console.engine.history.statistics import EndedRun
from job_console.engine.models.bench import FailedRun
from job_console.engine.redis import keys

NOW = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
SITE = "a.localhost"


def run(method: str = "shop.sync", outcome: str = "finished", at: datetime = NOW, **more: Any) -> EndedRun:
    return EndedRun(method, more.pop("queue", "bench:short"), outcome, at, **more)


def failure(method: str, number: int = 0, at: datetime = NOW, site: str = SITE) -> FailedRun:
    return FailedRun(method, f"{site}||{number}", at, "ValueError", "no", "bench:short", site)


@given(st.floats(min_value=0.001, max_value=900_000))
def test_a_bucket_holds_what_falls_into_it_and_is_a_quarter_wide(seconds: float) -> None:
    end = statistics.upper_end(statistics.bucket(seconds))
    assert seconds <= end * 1.000001
    assert end <= seconds * 1.26


@pytest.mark.parametrize("seconds", [0.0, -3.0, 0.0001])
def test_what_takes_no_time_is_in_the_first_bucket(seconds: float) -> None:
    assert statistics.bucket(seconds) == 0


def test_days_without_end_are_in_the_last_bucket() -> None:
    assert statistics.bucket(10.0**12) == statistics.bucket(10.0**9)


def test_several_that_are_alike_count_as_so_many(redis: redis_py.Redis) -> None:
    for alike in (run(run_s=3.0, wait_s=0.5), run(outcome="failed", failure=failure("shop.sync"))):
        statistics.record(redis, alike, 5)
    together = statistics.of_day(redis, NOW)["shop.sync"]
    redis.flushdb()
    for _ in range(5):
        statistics.record(redis, run(run_s=3.0, wait_s=0.5))
        statistics.record(redis, run(outcome="failed", failure=failure("shop.sync")))
    assert together == statistics.of_day(redis, NOW)["shop.sync"]


def test_median_and_99th_percentile_of_a_method(redis: redis_py.Redis) -> None:
    for number in range(98):
        statistics.record(redis, run(run_s=3.0, wait_s=0.5, at=NOW - timedelta(days=number % 5)))
    for _ in range(2):
        statistics.record(redis, run(run_s=60.0, queue="bench:long"))
    statistics.record(redis, run(outcome="failed", run_s=0.001))
    usual = statistics.usual(redis, ["shop.sync", "shop.never"], NOW)
    assert list(usual) == ["shop.sync"]
    known = usual["shop.sync"]
    assert (known.runs, known.failed) == (100, 1)
    assert known.median_s == pytest.approx(3.0, rel=0.26)
    assert known.p99_s == pytest.approx(60.0, rel=0.26)
    assert known.wait_median_s == pytest.approx(0.5, rel=0.26)


def test_history_older_than_a_week_is_forgotten(redis: redis_py.Redis) -> None:
    statistics.record(redis, run(run_s=3.0, at=NOW - timedelta(days=history_limits.USUAL_DAYS)))
    assert statistics.usual(redis, ["shop.sync"], NOW) == {}


def test_one_record_is_one_round_trip_and_everything_expires(redis: redis_py.Redis) -> None:
    before = redis.info("commandstats")
    statistics.record(redis, run(outcome="failed", failure=failure("shop.sync"), site=SITE))
    after = redis.info("commandstats")
    assert after["cmdstat_eval"]["calls"] - before.get("cmdstat_eval", {"calls": 0})["calls"] == 1
    ours = redis.keys(keys.OURS + "*")
    assert len(ours) == 10
    assert all(redis.ttl(key) > 3600 for key in ours)


def test_methods_beyond_the_bound_are_counted_together(redis: redis_py.Redis) -> None:
    day_methods = history_limits.STATISTICS[-1][3]
    for number in range(day_methods + 50):
        statistics.record(redis, run(f"shop.m{number}", run_s=1.0))
    for period, seconds, _ttl, most in history_limits.STATISTICS:
        (key,) = redis.keys(keys.own("stats", period, "*"))
        assert redis.hlen(key) == most + 1, period
        assert int(key.rpartition(b":")[2]) % seconds == 0
    assert statistics.usual(redis, [statistics.OTHERS], NOW)[statistics.OTHERS].runs == 50


def test_rows_that_are_not_ours_count_nothing(redis: redis_py.Redis) -> None:
    day = int(NOW.timestamp()) // 86_400 * 86_400
    for number, row in enumerate(
        [b"\x80\x04", b"[]", b"7", b'{"l": 3}', b'{"l": {"k": "x"}}', b'{"l": {"": 1, "k": 2}}']
    ):
        redis.hset(keys.statistics("day", day), f"m{number}", row)
    usual = statistics.usual(redis, [f"m{number}" for number in range(6)], NOW)
    assert {name: known.runs for name, known in usual.items()} == {"m5": 2}


def test_when_a_method_last_succeeded(redis: redis_py.Redis) -> None:
    for method, minutes in (("shop.well", 7), ("shop.well", 3), ("shop.once", 20)):
        statistics.record(redis, run(method, at=NOW - timedelta(minutes=minutes), site=SITE))
    statistics.record(redis, run("shop.bad", outcome="failed", site=SITE))
    statistics.record(redis, run("shop.bad", at=NOW, site="b.localhost"))
    wanted = [(SITE, method) for method in ("shop.well", "shop.once", "shop.bad")]
    assert statistics.succeeded_at(redis, wanted[1:], NOW, 900) == {}
    found = statistics.succeeded_at(redis, [*wanted, ("b.localhost", "shop.bad")], NOW, 900)
    assert found == {wanted[0]: NOW - timedelta(minutes=3), ("b.localhost", "shop.bad"): NOW}


def test_a_success_in_the_hour_before(redis: redis_py.Redis) -> None:
    striking = NOW.replace(minute=5)
    statistics.record(redis, run(at=striking - timedelta(minutes=10), site=SITE))
    found = statistics.succeeded_at(redis, [(SITE, "shop.sync")], striking, 900)
    assert found == {(SITE, "shop.sync"): striking - timedelta(minutes=10)}


def test_a_success_that_was_counted_with_others_may_be_anybodys_of_its_site(redis: redis_py.Redis) -> None:
    for number in range(history_limits.RAN_METHODS + 1):
        statistics.record(redis, run(f"shop.m{number}", site=SITE))
    assert redis.hlen(keys.well(SITE, int(NOW.timestamp()) // 3600 * 3600)) == history_limits.RAN_METHODS + 1
    wanted = [(site, "shop.bad") for site in (SITE, "b.localhost")]
    assert statistics.succeeded_at(redis, wanted, NOW, 900) == {wanted[0]: NOW}


def test_the_failures_of_one_site_do_not_push_out_those_of_another(redis: redis_py.Redis) -> None:
    for number in range(5):
        statistics.record(redis, run("shop.a", "failed", failure=failure("shop.a", number)))
    for number in range(history_limits.FAILURES_EACH):
        theirs = failure("shop.a", number, NOW + timedelta(seconds=1), site="b.localhost")
        statistics.record(redis, run("shop.a", "failed", theirs.at, failure=theirs))
    assert len(failures_log.of_method(redis, SITE, "shop.a")) == 5
    reported = failures_log.since(redis, NOW + timedelta(seconds=2), 60)
    assert [failed.site for failed in reported] == ["b.localhost"] * history_limits.FAILURES_EACH + [SITE] * 5
    assert {failed.method for failed in reported} == {"shop.a"}


def test_the_newest_failures_of_each_method_stay(redis: redis_py.Redis) -> None:
    for number in range(30):
        at = NOW + timedelta(seconds=number)
        statistics.record(redis, run("shop.a", "failed", at, failure=failure("shop.a", number, at)))
    statistics.record(redis, run("shop.b", "failed", failure=failure("shop.b")))
    kept = failures_log.of_method(redis, SITE, "shop.a")
    assert [failed.job_id for failed in kept] == [f"a.localhost||{n}" for n in range(29, 9, -1)]
    assert kept[0] == failure("shop.a", 29, NOW + timedelta(seconds=29))
    recent = failures_log.since(redis, NOW + timedelta(seconds=30), 5)
    assert [failed.job_id for failed in recent] == [f"a.localhost||{n}" for n in (29, 28, 27, 26, 25)]


def test_methods_that_failed_longest_ago_make_room(redis: redis_py.Redis) -> None:
    for number in range(history_limits.FAILURES_METHODS + 5):
        at = NOW + timedelta(seconds=number)
        statistics.record(redis, run(f"shop.m{number}", "failed", at, failure=failure(f"shop.m{number}", 0, at)))
    assert redis.zcard(keys.FAILURES) == history_limits.FAILURES_METHODS
    assert len(redis.keys(keys.FAILURES + ":*")) == history_limits.FAILURES_METHODS
    assert failures_log.of_method(redis, SITE, "shop.m4") == []
    assert len(failures_log.of_method(redis, SITE, "shop.m5")) == 1


def test_odd_entries_are_passed_over(redis: redis_py.Redis) -> None:
    odd = [b"x", b"[]", b"{}", json.dumps({"id": "j", "at": "never"}), json.dumps({"id": "j", "at": 1e300})]
    redis.rpush(keys.failures(keys.failing(SITE, "shop.a")), *odd)
    assert failures_log.of_method(redis, SITE, "shop.a") == []


def test_what_ran_on_a_site_in_the_last_day(redis: redis_py.Redis) -> None:
    ours = {"site": "a.localhost"}
    for hours in (0, 5, 23, 30):
        statistics.record(redis, run(at=NOW - timedelta(hours=hours), **ours))
    statistics.record(redis, run(outcome="failed", failure=failure("shop.sync"), **ours))
    statistics.record(redis, run("shop.pull", scheduled=True, **ours))
    statistics.record(redis, run("their.secret", site="b.localhost"))
    statistics.record(redis, run("nobodys.work"))
    assert statistics.ran(redis, "a.localhost", NOW) == {("shop.sync", False): 4, ("shop.pull", True): 1}


def test_what_ran_is_bounded(redis: redis_py.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_limits, "RAN_METHODS", 10)
    for number in range(30):
        statistics.record(redis, run(f"made.up{number % 15}", site="a.localhost"))
    assert sum(statistics.ran(redis, "a.localhost", NOW).values()) == 20
    assert 0 < redis.ttl(keys.ran("a.localhost", int(NOW.timestamp()) // 3600 * 3600)) <= history_limits.RAN_TTL_S

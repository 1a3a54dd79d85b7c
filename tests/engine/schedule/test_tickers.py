"""Which schedulers come by."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from redis import Redis

from job_console.engine.models.schedule import Schedule
from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule import tickers
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.schedule.tickers import Ticker

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


def ticker(name: str, first: float, last: float) -> Ticker:
    return Ticker(name, NOW - timedelta(minutes=first), NOW - timedelta(minutes=last))


def names(*known: Ticker) -> tuple[str, ...]:
    return tickers.at_work(known, 240.0, NOW)


def test_those_that_come_by_again_and_again_are_at_work() -> None:
    assert names(ticker("a", 60, 1), ticker("b", 60, 3)) == ("a", "b")


def test_one_that_was_restarted_is_one() -> None:
    for minutes in range(12):  # since the new one's first tick
        old = ticker("old", 600, minutes + 4)
        new = ticker("new", minutes, minutes % 4)
        assert len(names(old, new)) <= 1, minutes


def test_a_tick_that_somebody_asked_for_is_no_scheduler() -> None:
    assert names(ticker("a", 60, 1), ticker("desk", 1, 1)) == ("a",)


def test_they_say_so_themselves_and_are_published(redis: Redis) -> None:
    tickers.publish(redis, "a", "h (process 1)")
    tickers.publish(redis, "a", "h (process 1)")
    redis.hset(keys.tickers("a"), "odd", "x")
    redis.hset(keys.tickers("a"), "gone", "1,2")
    (gone, here) = tickers.read(redis.hgetall(keys.tickers("a")))
    assert (gone.name, here.name) == ("gone", "h (process 1)")
    tickers.publish(redis, "a", "h (process 1)")
    (here,) = tickers.read(redis.hgetall(keys.tickers("a")))
    assert here.name == "h (process 1)"
    assert 0 < redis.ttl(keys.tickers("a")) <= schedule_limits.SCHEDULE_TTL_S

    published = ScheduleStore(redis).publish(Schedule("a", True))
    assert published.ticked_at == here.last_at
    assert published.tickers == ()
    now = here.last_at.timestamp()
    for name in ("h (process 1)", "i (process 7)"):
        redis.hset(keys.tickers("a"), name, f"{now - 3600},{now}")
    ScheduleStore(redis).publish(Schedule("a", True))
    other = ScheduleStore(redis)
    other.read()
    assert other.all()["a"].tickers == ("h (process 1)", "i (process 7)")

"""What sites publish of their schedules, and how others come to know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from redis import Redis

from job_console.engine.models.schedule import Schedule, ScheduleEntry, from_json, to_json
from job_console.engine.redis import keys
from job_console.engine.schedule import due, history
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule.history import Ran
from job_console.engine.schedule.store import ScheduleStore

LONG_AGO = datetime(2026, 1, 1, tzinfo=timezone.utc)
ENTRY = ScheduleEntry("pull", "shop.pull", "* * * * *", "long", last_at=LONG_AGO, due_at=LONG_AGO, job_id="a||s||pull")
OURS = Schedule("a.localhost", True, tick_s=240.0, zone="Europe/Berlin", process=True, host="h", entries=(ENTRY,))


def test_one_process_publishes_and_another_one_knows(redis: Redis) -> None:
    redis.hset(keys.job(ENTRY.job_id), mapping={"status": "queued", "enqueued_at": "2026-01-02T00:00:00.000000Z"})
    published = ScheduleStore(redis).publish(OURS)
    entry = published.entries[0]
    assert (entry.job_status, entry.ready_since) == ("queued", None)
    assert published.ticked_at == LONG_AGO + timedelta(days=1)

    other = ScheduleStore(redis)
    other.read()
    (known,) = other.all().values()
    assert replace(known, sights=()) == published


def test_after_maintenance_patience_begins_anew(redis: Redis) -> None:
    schedules = ScheduleStore(redis)
    assert schedules.publish(OURS).entries[0].ready_since == LONG_AGO
    schedules.read()
    reported = schedules.all()[OURS.site]
    off = schedules.publish(
        replace(reported, running=False, off="maintenance", reason="the site is in maintenance mode")
    )
    assert off.entries[0].ready_since is None
    assert schedules.publish(OURS).entries[0].ready_since == off.read_at


def test_a_parallel_run_is_a_run(redis: Redis) -> None:
    """Under a policy that lets several run, each has an id of its own."""
    own, second, _third, fourth = due.run_ids(ENTRY.job_id)
    at = "2026-01-02T00:00:00.000000Z"
    redis.hset(keys.job(own), mapping={"status": "finished", "enqueued_at": "2025-12-31T00:00:00.000000Z"})
    redis.hset(keys.job(second), mapping={"status": "queued", "enqueued_at": at})
    published = ScheduleStore(redis).publish(OURS)
    assert (published.entries[0].job_status, published.entries[0].ready_since) == ("queued", None)
    assert published.ticked_at == LONG_AGO + timedelta(days=1)

    redis.hset(keys.job(fourth), mapping={"status": "started", "enqueued_at": at})
    assert ScheduleStore(redis).publish(OURS).entries[0].job_status == "started"
    for each in (second, fourth):
        redis.hset(keys.job(each), "status", "finished")
    ended = ScheduleStore(redis).publish(OURS).entries[0]
    assert (ended.job_status, ended.ready_since) == ("finished", None), "it was enqueued since it was due"


def test_reading_again_costs_one_round_trip_and_two_when_something_is_new(redis: Redis, round_trips: Callable) -> None:
    schedules, other = ScheduleStore(redis), ScheduleStore(redis)
    schedules.publish(OURS)
    other.read()
    with round_trips() as counted:
        other.read()
    assert len(counted) == 1
    schedules.publish(replace(OURS, running=False))
    with round_trips() as counted:
        other.read()
    assert len(counted) == 2
    assert not other.all()["a.localhost"].running


def test_publishing_costs_two_round_trips_however_many_entries(redis: Redis, round_trips: Callable) -> None:
    many = replace(OURS, entries=tuple(replace(ENTRY, record=f"r{n}", job_id=f"j{n}") for n in range(500)))
    with round_trips() as counted:
        ScheduleStore(redis).publish(many)
    assert len(counted) == 2


def test_every_key_ends_by_itself_and_a_site_that_leaves_is_forgotten(redis: Redis) -> None:
    schedules, other = ScheduleStore(redis), ScheduleStore(redis)
    schedules.publish(OURS)
    assert 0 < redis.ttl(keys.schedule("a.localhost")) <= schedule_limits.SCHEDULE_TTL_S
    assert 0 < redis.ttl(keys.SCHEDULES) <= schedule_limits.SCHEDULE_TTL_S
    redis.zadd(keys.SCHEDULES, {"gone.localhost": 1})
    schedules.publish(OURS)
    assert redis.zrange(keys.SCHEDULES, 0, -1) == [b"a.localhost"]

    other.read()
    schedules.withdraw("a.localhost")
    other.read()
    assert other.all() == {}
    assert redis.keys(keys.OURS + "*") == []


def test_its_age_is_by_the_servers_clock(redis: Redis) -> None:
    schedules = ScheduleStore(redis)
    assert schedules.age_s("a.localhost") is None
    schedules.publish(OURS)
    assert 0 <= schedules.age_s("a.localhost") < 5
    redis.zadd(keys.SCHEDULES, {"a.localhost": redis.time()[0] - 100})
    assert 99 <= schedules.age_s("a.localhost") < 105


def test_what_is_none_of_ours_is_nothing(redis: Redis) -> None:
    for odd in (None, b"", b"{", b"[]", b'{"site": 1}', b'{"site": "a", "running": true, "entries": [7]}', b"\xff"):
        assert from_json(odd) is None
    newer = to_json(OURS).replace('"site"', '"moon": "full", "site"', 1)
    assert from_json(newer) == OURS


def test_a_run_that_could_not_report_its_end_is_reported_as_killed(redis: Redis) -> None:
    start = "2026-01-02T00:00:00.000000Z"
    redis.hset(keys.job(ENTRY.job_id), mapping={"status": "failed", "enqueued_at": start, "started_at": start})
    for _look in range(2):
        ScheduleStore(redis).publish(OURS)
    killed = Ran(LONG_AGO + timedelta(days=1), None, "killed")
    assert history.read(redis.hgetall(keys.schedule_runs(OURS.site))) == {ENTRY.job_id: (killed,)}


def test_a_parallel_run_that_could_not_report_its_end_is_reported_of_its_schedule(redis: Redis) -> None:
    starts = {own: f"2026-01-0{day}T00:00:00.000000Z" for day, own in enumerate(due.run_ids(ENTRY.job_id)[:2], 2)}
    for run_id, start in starts.items():
        redis.hset(keys.job(run_id), mapping={"status": "stopped", "enqueued_at": start, "started_at": start})
    ScheduleStore(redis).publish(OURS)
    killed = tuple(Ran(LONG_AGO + timedelta(days=days), None, "killed") for days in (1, 2))
    assert history.read(redis.hgetall(keys.schedule_runs(OURS.site))) == {ENTRY.job_id: killed}


def test_one_that_reported_its_end_is_left_as_it_is(redis: Redis) -> None:
    reported = Ran(LONG_AGO + timedelta(days=1), 3.0, "failed")
    history.record(redis, OURS.site, [(ENTRY.job_id, reported)])
    start = "2026-01-02T00:00:00.000000Z"
    redis.hset(keys.job(ENTRY.job_id), mapping={"status": "failed", "enqueued_at": start, "started_at": start})
    ScheduleStore(redis).publish(OURS)
    assert history.read(redis.hgetall(keys.schedule_runs(OURS.site))) == {ENTRY.job_id: (reported,)}

"""Runs that schedules are still to have."""

from __future__ import annotations

from redis import Redis

from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule import pending_runs


def known(redis: Redis) -> dict[str, int]:
    return pending_runs.read(redis.hgetall(keys.owed("a")))


def test_they_add_up_to_a_bound_and_end_by_themselves(redis: Redis) -> None:
    pending_runs.add(redis, "a", "j", 2)
    pending_runs.add(redis, "a", "j", 1)
    assert known(redis) == {"j": 3}
    pending_runs.add(redis, "a", "j", schedule_limits.CATCH_UP_RUNS)
    assert known(redis) == {"j": schedule_limits.CATCH_UP_RUNS}
    assert 0 < redis.ttl(keys.owed("a")) <= schedule_limits.OWED_TTL_S


def test_one_however_often_its_time_came(redis: Redis) -> None:
    for _time in range(3):
        pending_runs.at_least_one(redis, "a", "j")
    assert known(redis) == {"j": 1}


def test_two_schedulers_take_each_once(redis: Redis) -> None:
    pending_runs.add(redis, "a", "j", 2)
    assert [pending_runs.take(redis, "a", "j") for _scheduler in range(4)] == [True, True, False, False]
    assert known(redis) == {}

"""How runs of schedules ended: remembered by themselves, and told once."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from redis import Redis

from job_console.engine.redis import keys
from job_console.engine.rq import limits as rq_limits
from job_console.engine.rq import swallowed_failures
from job_console.engine.schedule import history
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule.history import Ran

AT = datetime(2026, 11, 23, 16, 40, tzinfo=timezone.utc)
JOB = "a.localhost||scheduled_job||pull"


def ran(minute: int = 0, outcome: str = "finished", run_s: float | None = 1.5) -> Ran:
    return Ran(AT + timedelta(minutes=minute), run_s, outcome)


def known(redis: Redis) -> dict[str, tuple[Ran, ...]]:
    return history.read(redis.hgetall(keys.schedule_runs("a")))


def test_the_newest_runs_of_each_are_kept_oldest_first(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_limits, "SCHEDULE_RUNS", 3)
    for minute, outcome in enumerate(("finished", "failed", "timed_out", "killed", "finished")):
        history.record(redis, "a", [(JOB, ran(minute, outcome))])
    history.record(redis, "a", [("other", ran(9))])
    assert known(redis) == {JOB: (ran(2, "timed_out"), ran(3, "killed"), ran(4)), "other": (ran(9),)}
    assert 0 < redis.ttl(keys.schedule_runs("a")) <= schedule_limits.SCHEDULE_RUNS_TTL_S


def test_a_run_is_reported_once_and_by_itself_first(redis: Redis) -> None:
    history.record(redis, "a", [(JOB, ran())])
    history.record(redis, "a", [(JOB, ran(outcome="killed", run_s=None)), (JOB, ran(1, "killed", None))])
    assert known(redis) == {JOB: (ran(), ran(1, "killed", None))}


def test_there_is_a_bound_to_the_schedules(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule_limits, "SCHEDULE_RUNS_OF", 2)
    for number in range(4):
        history.record(redis, "a", [(f"j{number}", ran())])
    history.record(redis, "a", [("j0", ran(1))])
    assert {job_id: len(runs) for job_id, runs in known(redis).items()} == {"j0": 2, "j1": 1}


def test_what_is_none_of_ours_is_left_out() -> None:
    said = {b"j": b"x;1,2;1,2,z;1795451400.000,,x;,,k;1e999,1,k", b"\xff": b"\xff"}
    assert history.read(said)["j"] == (Ran(datetime.fromtimestamp(1795451400, timezone.utc), None, "killed"),)


def test_why_a_run_failed_that_is_called_finished(redis: Redis) -> None:
    traceback = 'Traceback (most recent call last):\n  File "x", line 1\nshop.Refused: no stock\n'
    swallowed_failures.remember(redis, JOB, AT, traceback)
    said = redis.get(keys.hidden_failure(JOB))
    found = swallowed_failures.read(said, AT)
    assert found is not None
    assert (found.type, found.message, found.traceback) == ("Refused", "no stock", traceback)
    assert swallowed_failures.read(said, AT + timedelta(seconds=1)) is None, "another run of the same id"
    assert swallowed_failures.read(said, None) is None
    assert swallowed_failures.read(b"{}", AT) is None
    assert 0 < redis.ttl(keys.hidden_failure(JOB)) <= rq_limits.FAILURES_TTL_S

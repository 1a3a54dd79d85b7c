"""`job-console schedule`: every site's schedule from Redis alone, with its age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from redis import Redis

from job_console.engine.models.schedule import Schedule, ScheduleEntry, to_json
from job_console.engine.redis import keys
from job_console.engine.schedule import history
from job_console.engine.schedule.history import Ran
from job_console.engine.schedule.store import ScheduleStore

OFF = Schedule("b.localhost", False, off="paused", reason="it is paused", entries=())


def ago(**span: float) -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0) - timedelta(**span)


def ours(**more: Any) -> Schedule:
    pull = ScheduleEntry(
        "pull", "shop.pull", "30 2 * * 1-5", "b:long", last_at=ago(hours=3), due_at=ago(hours=-5), job_id="s1"
    )
    never = replace(
        pull, record="never", method="shop.never", cron="0 0 30 2 *", due_at=None, problem="No date matches it."
    )
    return Schedule("a.localhost", True, zone="Europe/Berlin", entries=(pull, never), **more)


@pytest.fixture
def reported(redis: Redis) -> None:
    schedules = ScheduleStore(redis)
    schedules.publish(ours())
    schedules.publish(OFF)
    runs = [Ran(ago(minutes=n), 1.0, "failed" if n == 2 else "finished") for n in (4, 3, 2, 1)]
    history.record(redis, "a.localhost", [("s1", run) for run in runs])


@pytest.mark.usefixtures("reported")
def test_in_words(run: Callable[..., Any]) -> None:
    lines = run("schedule").out.splitlines()
    assert lines[0].startswith("a.localhost   last tick 3 h ago, time zone Europe/Berlin")
    row = next(line for line in lines if "shop.pull" in line)
    assert all(part in row for part in ("at 02:30, Monday to Friday", "3 h ago", "..F.", "75%"))
    assert "No date matches it." in next(line for line in lines if "shop.never" in line)
    assert "b.localhost   OFF: it is paused, time zone UTC" in lines
    assert [line for line in run("schedule", "--site", "b.localhost").out.splitlines() if "shop" in line] == []


@pytest.mark.usefixtures("reported")
def test_as_json(run: Callable[..., Any]) -> None:
    document = run("schedule", "--json").json
    assert [each["site"] for each in document["schedules"]] == ["a.localhost", "b.localhost"]
    assert document["schedules"][0]["entries"][0]["words"] == "at 02:30, Monday to Friday"


def test_what_is_old_says_so(redis: Redis, run: Callable[..., Any]) -> None:
    reported = ago(hours=2)
    redis.set(keys.schedule("a.localhost"), to_json(ours(read_at=reported)))
    redis.zadd(keys.SCHEDULES, {"a.localhost": reported.timestamp()})
    assert "As it was 2 h ago: nobody has told since." in run("schedule").out


def test_nobody_reported(run: Callable[..., Any]) -> None:
    assert run("schedule").out.startswith("No site has told of its schedule.")
    assert "Nobody waits for a worker." in run("schedule", "--day").out

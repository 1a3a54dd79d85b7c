"""The scheduler's process, by its lock: a real process holds it, and is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from redis import Redis

from job_console.engine.models.schedule import Schedule
from job_console.engine.otherlocks import BenchFolder
from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule import scheduler_liveness
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.service import Engine
from job_console.engine.watch import scheduler_process, watch

from .conftest import HERE, SITE


@pytest.mark.parametrize("how", ["", "forks"])
def test_it_lives_until_it_is_killed(folder: Path, start: Callable[..., subprocess.Popen[str]], how: str) -> None:
    """Also when a horse of the worker that it was a thread of lives on, and has inherited the lock."""
    assert scheduler_process.lives(folder) is None, "there never was one"
    scheduler = start(how)
    assert scheduler_process.lives(folder) is True
    scheduler.kill()
    scheduler.wait()
    assert scheduler_process.lives(folder) is False


def test_where_the_system_does_not_tell_nobody_knows(folder: Path, tmp_path: Path) -> None:
    assert scheduler_process.lives(folder, tmp_path / "no proc") is None


def test_it_is_reported_by_whoever_sweeps_on_its_host(
    redis: Redis,
    folder: Path,
    start: Callable[..., subprocess.Popen[str]],
    wait_until: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedule_limits, "SCHEDULER_GONE_S", 0.2)
    monkeypatch.setattr(schedule_limits, "SWEEP_EVERY_S", 0.05)
    monkeypatch.setattr(watch, "SURVEY_EVERY_S", 0.0)
    engine = Engine(redis)
    engine.folder = BenchFolder(folder)
    now = datetime.now(timezone.utc)
    ScheduleStore(redis).publish(Schedule(SITE, True, ticked_at=now, tells_ticks=True))

    def reported() -> list[str]:
        engine.sweep()
        engine.watch.forget()
        return [each.message for each in engine.watch.look().warnings if each.code == "scheduler_down"]

    first = start()
    wait_until(lambda: reported() == [] and redis.hlen(keys.SCHEDULER_PROCESSES))
    first.kill()
    first.wait()
    (message,) = wait_until(reported)  # type: ignore[misc]
    assert f"its scheduler's process is gone: it ran on {HERE} until" in message
    start()
    wait_until(lambda: reported() == [])


def test_a_site_says_so_when_it_publishes_its_schedule(redis: Redis) -> None:
    schedules = ScheduleStore(redis)
    held = Schedule(SITE, True, process=True, host="h")
    schedules.publish(Schedule("b.localhost", True, process=False, host="h"))
    assert redis.hlen(keys.SCHEDULER_PROCESSES) == 0, "it was never held there"
    schedules.publish(held)
    schedules.publish(Schedule(SITE, True, process=False, host="other container"))
    schedules.publish(Schedule(SITE, True, process=None, host="h"))
    schedules.read()
    (sight,) = schedules.all()[SITE].sights
    assert (sight.host, sight.gone_at) == ("h", None)
    for _ in range(2):
        schedules.publish(Schedule(SITE, True, process=False, host="h"))
    schedules.read()
    (gone,) = schedules.all()[SITE].sights
    assert gone.gone_at is not None
    assert sight.held_at <= gone.gone_at <= gone.seen_at
    schedules.publish(held)
    schedules.read()
    assert schedules.all()[SITE].sights[0].gone_at is None


@pytest.mark.parametrize(
    ("gap_s", "looked", "goes_on"), [(10, True, True), (30, True, False), (300, False, True), (900, False, False)]
)
def test_one_that_is_restarted_goes_on_and_one_that_was_away_begins_anew(
    gap_s: float, looked: bool, goes_on: bool
) -> None:
    """Patience for its first tick: not for one that dies again and again. `looked`: it was seen to be gone."""
    then = datetime(2026, 11, 24, tzinfo=timezone.utc)
    before = scheduler_liveness._seen(None, "h", True, then)
    assert before is not None
    assert before.since == then
    if looked:
        before = scheduler_liveness._seen(before, "h", False, then)
    again = scheduler_liveness._seen(before, "h", True, then + timedelta(seconds=gap_s))
    assert again is not None
    assert again.since == (then if goes_on else then + timedelta(seconds=gap_s))
    assert scheduler_liveness._from_text("h", scheduler_liveness._to_text(again)) == again


def test_what_is_a_day_old_is_forgotten(redis: Redis) -> None:
    old = datetime.now(timezone.utc) - timedelta(days=2)
    scheduler_liveness.note(redis, {}, SITE, "old", True, old)
    redis.hset(keys.SCHEDULER_PROCESSES, "nonsense", "x")
    scheduler_liveness.see(redis, [SITE], "new", True)
    found = scheduler_liveness.read(redis.hgetall(keys.SCHEDULER_PROCESSES))
    assert [each.host for each in found[SITE]] == ["new"]

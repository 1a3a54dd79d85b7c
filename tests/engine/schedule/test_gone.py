"""The scheduler is killed: the process of its host says so when nobody is there who could take its lock."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from redis import Redis

from job_console.engine.host.duty_thread import DutyThread
from job_console.engine.look import limits as look_limits
from job_console.engine.models.schedule import Schedule, Sight
from job_console.engine.redis import keys
from job_console.engine.schedule import limits as schedule_limits
from job_console.engine.schedule import scheduler_liveness
from job_console.engine.schedule.store import ScheduleStore
from job_console.engine.service import Engine
from job_console.engine.watch import scheduler_process

from .conftest import SITE

Start = Callable[..., subprocess.Popen[str]]
#: One that loads Frappe, and has not come to the lock.
LOADS = "import sys, time; print(0, flush=True); time.sleep(300)"


@pytest.fixture
def loading(folder: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def one(*words: str, cwd: Path = folder) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", LOADS, *words]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=cwd))
        assert started[-1].stdout
        started[-1].stdout.readline()
        return started[-1]

    yield one
    for each in started:
        each.kill()
        each.communicate()


def test_it_is_reported_at_once_unless_another_one_begins(
    redis: Redis,
    folder: Path,
    start: Start,
    loading: Start,
    wait_until: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedule_limits, "SCHEDULER_ALONE_S", 0.2)
    monkeypatch.setattr(look_limits, "DUTIES_SWEEPS_S", 0.05)
    duties, engine, now = DutyThread(redis, "", str(folder)), Engine(redis), datetime.now(timezone.utc)
    ScheduleStore(redis).publish(Schedule(SITE, True, ticked_at=now, tells_ticks=True))

    def reported() -> bool:
        duties.turn()
        engine.watch.forget()
        return any(each.code == "scheduler_down" for each in engine.watch.look().warnings)

    def sight() -> Sight:
        said: dict[bytes, bytes] = redis.hgetall(keys.SCHEDULER_PROCESSES)  # type: ignore[assignment]
        (found,) = scheduler_liveness.read(said)[SITE]
        return found

    first = start()
    wait_until(lambda: not reported() and redis.hlen(keys.SCHEDULER_PROCESSES))
    first.kill()
    first.wait()
    wait_until(reported)
    comes = loading("schedule")
    wait_until(lambda: not reported())
    assert sight().gone_at is not None, "it has not come to the lock yet"
    comes.kill()
    comes.wait()
    wait_until(reported)
    start()
    wait_until(lambda: not reported())
    assert (sight().gone_at, sight().nobody_at) == (None, None)


def test_who_may_be_about_to_take_the_lock(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, loading: Start
) -> None:
    loading("schedule", cwd=tmp_path_factory.mktemp("another"))
    loading("worker", "--queue", "short")
    assert not scheduler_process.comes(folder), "another bench's, and a worker"
    loading("worker-pool", "--queue", "short")
    assert scheduler_process.comes(folder), "a pool that has just begun has a scheduler, from Frappe 16 on"
    loading("schedule")
    assert scheduler_process.comes(folder)

"""The ladder of a gentle stop, on real workers: which rung ended the job, and what it left behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from job_console.engine.errors import BadRequest
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.jobs.request import Request
from job_console.engine.jobs.stopping import climb
from job_console.engine.models.stacks import Armed
from job_console.engine.progress.flags import HARD_STOP, INTERRUPT, KILL, STOP
from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import interrupt
from tests.support.waiting import wait_until

from ..stacks.conftest import eager_reader, run

__all__ = ["eager_reader", "run"]
pytestmark = pytest.mark.usefixtures("eager_reader")


def gently(console: Console, job: Any) -> dict[str, Any]:
    console.engine.watch.forget()
    (result,) = console.actions.run("stop_gently", [job.id], reason="enough")["results"]
    return result


def rungs(redis: Any, job: Any) -> set[str]:
    """That were taken."""
    return {field.decode() for field in redis.hkeys(keys.asked(job.id))} - {"run"}


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for some seconds does not drive the ladder on."""
    monkeypatch.setattr(jobs_limits, "RUNG_WAIT_S", 30.0)


@pytest.mark.parametrize("fork", [True, False], ids=["forks", "no-fork"])
@pytest.mark.parametrize("name", ["sleep", "python_loop", "own_lock_twice", "regular_expression"])
def test_interrupted_wherever_python_runs_or_waits(
    run: Callable[..., Any], redis: Any, console: Console, workers: Any, name: str, fork: bool, patience: None
) -> None:
    job = run(name, fork=fork)
    result = gently(console, job)
    assert (result["ok"], result["state_after"]) == (True, "failed"), result
    assert "was interrupted" in result["reason"]
    shown = console.jobs.show(job.id)
    assert "Stopped by tester@here: enough" in shown["error"]["message"]
    assert rungs(redis, job) == {STOP, INTERRUPT}
    assert workers._started[0].poll() is None, "the worker goes on"
    assert not redis.hexists(keys.ARMED, job.id), "it cleaned up"


def test_what_cannot_hear_is_killed_by_its_worker(run: Callable[..., Any], console: Console, workers: Any) -> None:
    job = run("c_call_with_gil")
    result = gently(console, job)
    assert (result["ok"], result["state_after"]) == (True, "stopped"), result
    assert "its worker killed it" in result["reason"]
    assert workers._started[0].poll() is None


def test_a_worker_that_does_not_hear_either(
    run: Callable[..., Any], redis: Any, console: Console, workers: Any
) -> None:
    """Its thread that takes commands stands still too: the reader of the host kills the horse."""
    job = run("c_call_with_gil")
    (worker,) = workers._started
    horse = Armed.from_text(redis.hget(keys.ARMED, job.id))
    assert horse is not None
    os.kill(worker.pid, signal.SIGSTOP)
    try:
        gently(console, job)
    finally:
        os.kill(worker.pid, signal.SIGCONT)
    assert rungs(redis, job) == {STOP, INTERRUPT, HARD_STOP, KILL}
    # RQ's command waits for the worker as well. When that comes to it in the moment in which it has no horse any more,
    # it kills the group of process 0, which is its own.
    ended = ("failed", "stopped")
    wait_until(lambda: job.get_status(refresh=True) in ended or worker.poll() == -signal.SIGKILL)
    assert not Path(f"/proc/{horse.pid}").exists()


def test_what_has_ended_is_refused(run: Callable[..., Any], console: Console, patience: None) -> None:
    job = run("sleep")
    assert gently(console, job)["ok"]
    result = gently(console, job)
    assert (result["ok"], result["reason"]) == (False, "It is failed: nothing runs.")


def test_not_many_at_once(console: Console) -> None:
    with pytest.raises(BadRequest, match="5 jobs are stopped gently"):
        console.actions.run("stop_gently", [str(number) for number in range(jobs_limits.GENTLE_JOBS + 1)])


def test_a_run_that_began_meanwhile_is_left_alone(run: Callable[..., Any], redis: Any, console: Console) -> None:
    """It was read, ended, and began again before its rung came."""
    job = run("sleep")
    (now,) = console.engine.reader.read([job.id])
    assert now.started_at
    read = {job.id: replace(now, started_at=now.started_at - timedelta(seconds=9))}
    outcome = climb(redis, console.engine.reader, Request("stop_gently", "sam", "enough"), read, [job.id])[job.id]
    assert (outcome.ok, outcome.state_after) == (False, "started")
    assert outcome.reason == "That run has ended, and the job runs again: the new run is left alone."
    assert rungs(redis, job) == set()
    assert job.get_status(refresh=True) == "started"


def test_a_run_is_not_interrupted_by_a_request_to_another(
    run: Callable[..., Any], redis: Any, console: Console
) -> None:
    """A worker that does not fork runs one job after the other in the same process."""
    job = run("sleep", fork=False)
    armed = Armed.from_text(redis.hget(keys.ARMED, job.id))
    assert armed
    file = os.open(f"/proc/{armed.pid}/fd/{armed.request_file}", os.O_RDWR)
    interrupt.write(file, armed.at - 1, "to somebody else")
    os.kill(armed.pid, armed.interrupt)
    wait_until(lambda: console.jobs.where(job.id)["verdict"] == "waiting")
    assert job.get_status(refresh=True) == "started"
    interrupt.write(file, armed.at, "to this one")
    os.kill(armed.pid, armed.interrupt)
    wait_until(lambda: job.get_status(refresh=True) == "failed")
    os.close(file)

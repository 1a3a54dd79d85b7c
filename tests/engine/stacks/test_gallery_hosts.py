"""Jobs that are stopped, and jobs on another host: what is still known of where they are."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from rq import Queue

from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.models.stacks import Armed
from job_console.engine.redis import keys
from job_console.engine.service import Console
from tests.support.waiting import wait_until

from . import gallery
from .conftest import code

pytestmark = pytest.mark.usefixtures("eager_reader")


@pytest.mark.parametrize("fork", [True, False])
def test_stopped(run: Callable[..., Any], redis: Any, console: Console, fork: bool) -> None:
    job = run("sleep", fork=fork)
    pid = armed_pid(redis, job.id)
    wait_until(lambda: console.jobs.where(job.id)["verdict"] == "waiting")
    os.kill(pid, signal.SIGSTOP)
    try:
        answer = console.jobs.where(job.id)
        assert answer["verdict"] == "stopped"
        assert "SIGCONT" in answer["text"]
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: console.jobs.where(job.id)["verdict"] == "waiting")


def armed_pid(redis: Any, job_id: str) -> int:
    armed = Armed.from_text(redis.hget(keys.ARMED, job_id))
    assert armed
    return armed.pid


def test_on_another_host(
    redis: Any, workers: Any, reading: None, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own name, processes and /proc, as in a container: nothing of it can be seen from here but through Redis."""
    apart = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts", "--ipc")
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us make namespaces")
    monkeypatch.setattr(jobs_limits, "RUNG_WAIT_S", 30.0)
    job = Queue("default", connection=redis).enqueue(f"{gallery.__name__}.sleep", job_timeout=600)
    workers.start("default", inside=apart)
    wait_until(lambda: redis.hexists(keys.ARMED, job.id))
    answer = wait_until(lambda: (found := console.jobs.where(job.id))["waits_for"] == "sleep" and found)
    assert code(answer) == "time.sleep(100)", answer
    assert armed_pid(redis, job.id) < 100, "a pid of its own host"
    (result,) = console.actions.run("stop_gently", [job.id])["results"]
    assert "was interrupted" in result["reason"], result

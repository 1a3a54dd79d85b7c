"""Work for the tests' real workers. Enqueue it by name: `tests.jobs.say_hello`."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Mapping
from typing import Any

from rq import get_current_job

from job_console.engine.locks.lock import Lock, LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.redis import keys

#: As Frappe's wrapper is enqueued: `queue.enqueue_call(WRAPPER, kwargs=wrapped("shop.sync"))`.
WRAPPER = "tests.jobs.execute_job"


def say_hello(name: str = "world") -> str:
    return f"Hello, {name}!"


def fail(message: str = "on purpose") -> None:
    raise ValueError(message)


def hang(seconds: float = 300.0) -> str:
    """Runs for a while."""
    time.sleep(seconds)
    return "awake"


def hang_seen(seconds: float = 300.0) -> str:
    """As `hang`, and lets itself be seen by its host's reader, as the hook does in a bench."""
    from tests.engine.stacks.gallery import watched

    with watched():
        return hang(seconds)


def hang_deaf(seconds: float = 300.0) -> None:
    """Runs for a while and does not hear its timeout, like a call into C that never returns."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(seconds)


def hang_on(seconds: float = 300.0) -> None:
    """Catches whatever comes, its timeout too, and goes on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            time.sleep(0.2)
        except Exception:  # noqa: PERF203  that is the fault
            continue


def die(how: int = signal.SIGKILL) -> None:
    """Its process is killed, by the kernel for instance."""
    os.kill(os.getpid(), how)


def orphaned() -> str:
    """Its worker is killed right after the fork, before anything is known of this process."""
    worker = os.getppid()
    os.kill(worker, signal.SIGKILL)
    while os.getppid() == worker:
        time.sleep(0.01)
    return hang_seen()


def die_with_worker() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def hold(name: str, then: str | None = None, wait_s: float = 300.0) -> None:
    """Takes a lock, then perhaps another one, and keeps them for long."""
    job = get_current_job()
    who = Who(job_id=job.id, method="tests.jobs.hold", worker=job.worker_name, site="a.localhost")
    with Lock(job.connection, name, LockOptions(wait_s=wait_s), who):
        if then:
            # So that whoever else does the same the other way round has its first one, too.
            while b"\n" not in (job.connection.hget(keys.lock(then), "now") or b""):
                time.sleep(0.05)
            hold(then, wait_s=wait_s)
        time.sleep(300)


def slow(seconds: float = 1.0) -> float:
    time.sleep(seconds)
    return seconds


def slow_until(key: str) -> None:
    """Runs until somebody sets this key."""
    while not get_current_job().connection.exists(key):
        time.sleep(0.02)


def weigh(load: str) -> int:
    """Takes arguments of any size."""
    return len(load)


def flaky(dice: float, share: float) -> None:
    """Short work of which some fails at first: what is tried again throws new dice."""
    if dice < share and random.random() < 0.5:
        raise ConnectionError("not this time")


def execute_job(
    site: str,
    method: str,
    event: str | None = None,
    job_name: str | None = None,
    kwargs: Mapping[str, Any] | None = None,
    user: str | None = None,
    is_async: bool = True,
) -> Any:
    """Takes what Frappe's wrapper takes; calls `method` when it is one of ours."""
    module, _dot, name = method.rpartition(".")
    return globals()[name](**(kwargs or {})) if module == __name__ else None


def wrapped(method: str, site: str = "a.localhost", user: str = "Administrator", **kwargs: Any) -> dict[str, Any]:
    """The keyword arguments that `frappe.enqueue(method, **kwargs)` gives its wrapper."""
    return {
        "site": site,
        "user": user,
        "method": method,
        "event": None,
        "job_name": None,
        "is_async": True,
        "kwargs": kwargs,
    }

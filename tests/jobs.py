"""Work for the tests' real workers. Enqueue it by name: `tests.jobs.say_hello`."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Mapping
from typing import Any

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


def hang_deaf(seconds: float = 300.0) -> None:
    """Runs for a while and does not hear its timeout, like a call into C that never returns."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(seconds)


def die(how: int = signal.SIGKILL) -> None:
    """Its process is killed, by the kernel for instance."""
    os.kill(os.getpid(), how)


def die_with_worker() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def slow(seconds: float = 1.0) -> float:
    time.sleep(seconds)
    return seconds


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

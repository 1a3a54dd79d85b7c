"""Lock owners, each as if in a process of its own, and threads that wait for locks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from job_console.console.embedded import Embedded
from job_console.engine.locks.heartbeat import HEARTBEAT
from job_console.engine.locks.lease import forget_all
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.redis import keys

from .process import Process

NAME = "a.localhost|recalc:C-1"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    HEARTBEAT.stop()
    forget_all()


@pytest.fixture
def lock(redis: Any) -> Callable[..., Lock]:
    """lock("anna", ttl_s=…): each owner is somebody else."""

    def one(owner: str = "anna", name: str = NAME, **options: Any) -> Lock:
        return Lock(
            redis, name, LockOptions(owner=owner, **{"wait_s": 0.0, **options}), Who(job_id=owner, method="tests.work")
        )

    return one


class Together:
    """Threads that wait for locks; what they got is noted in order."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.failed: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def start(self, lock: Lock, name: str, meet: threading.Barrier | None = None) -> None:
        """With `meet`, it gives the lock back only when all whom the barrier waits for have come in."""

        def work() -> None:
            try:
                with lock:
                    self.got.append(name)
                    if meet:
                        meet.wait(20)
            except BaseException as error:
                self.failed.append(error)

        thread = threading.Thread(target=work)
        self.threads.append(thread)
        thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture
def together() -> Iterator[Together]:
    group = Together()
    yield group
    group.join()


def waiting(redis: Any, count: int, name: str = NAME) -> Callable[[], bool]:
    return lambda: redis.zcard(keys.lock_line(name)) == count


@pytest.fixture
def process(server: Embedded, redis: Any) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(ttl: float, wait: float = 0.0, url: str = server.url) -> Process:
        started.append(Process(url, ttl, wait))
        return started[-1]

    yield start
    for each in started:
        each.close()

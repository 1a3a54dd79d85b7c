"""A container that was restarted: the same host name and the same pid again, and none of the processes of before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from job_console.engine.redis import keys
from job_console.engine.service import Console
from job_console.engine.stacks import limits as stacks_limits

from ...support.processes import ROOT, WorkerProcess, Workers
from ..bench import DEFAULT, SHORT, ago, enqueue, expire_lease, status
from .test_killed import snapshot
from .test_recognised import known

APART = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts")
LOOK = """
import sys
from redis import Redis
from job_console.engine.host.reader import Reader
Reader(Redis.from_url(sys.argv[1])).see_who_is_there()
"""


@pytest.fixture(autouse=True)
def allowed() -> None:
    if subprocess.run([*APART, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let us make namespaces")


class Container:
    """A worker as process 1 of a host named `box`."""

    def __init__(self, workers: Workers, name: str, queue: str = SHORT) -> None:
        self._workers = workers
        inside = (*APART, "sh", "-c", 'hostname box && exec "$@"', "sh")
        self._outside: WorkerProcess = workers.start(queue, name=name, inside=inside)
        children = Path(f"/proc/{self._outside.pid}/task/{self._outside.pid}/children")
        self._first = children.read_text("ascii").split()[0]

    def look(self, url: str) -> None:
        """As the reader of this host does."""
        enter = ["nsenter", "--target", self._first, "--pid", "--mount", "--uts"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # the working directory does not come along
        subprocess.run([*enter, sys.executable, "-c", LOOK, url], env=environment, check=True, timeout=60)

    def kill(self) -> None:
        """With all that runs in it."""
        self._workers.kill(self._outside)


@pytest.fixture
def container(workers: Workers) -> Callable[..., Container]:
    return lambda *arguments: Container(workers, *arguments)


def identity(redis: Redis, name: str) -> list[Any]:
    return redis.hmget(keys.worker(name), "hostname", "pid")  # type: ignore[return-value]


def test_an_idle_worker_is_not_the_one_that_has_its_host_name_and_pid_now(
    redis: Redis, server: Any, console: Console, container: Callable[..., Container]
) -> None:
    """Who registered itself just now and has lost its connection is gone; of an older one nothing is known, until its
    record expires."""
    before = container("before")
    redis.hset(keys.worker("older"), mapping=redis.hgetall(keys.worker("before")))
    redis.hset(keys.worker("older"), "birth", ago(stacks_limits.UNSEEN_S + 10))
    redis.hset(keys.worker("before"), "birth", ago(10))
    redis.sadd(keys.WORKERS, keys.worker("older"))
    before.kill()
    after = container("after")
    assert identity(redis, "after") == identity(redis, "before") == [b"box", b"1"]
    for _ in range(2):
        after.look(server.url)
    assert known(redis, "after")["pid"] == 1
    assert not known(redis, "older"), "pid 1 of box proves nothing"
    gone = {worker["name"]: worker["state"] == "gone" for worker in snapshot(console)["workers"]}
    assert gone == {"after": False, "before": True, "older": False}


@pytest.mark.parametrize("name", ["another", "before"])
def test_a_job_of_before_is_not_held_by_who_has_its_workers_host_name_and_pid(
    name: str,
    redis: Redis,
    server: Any,
    console: Console,
    container: Callable[..., Container],
    warnings: Callable[[], list[dict[str, Any]]],
    wait_until: Callable[..., object],
) -> None:
    """Also where the worker has the same name again, as those that are started by hand have."""
    before = container("before")
    job = enqueue(redis, "tests.jobs.hang")
    wait_until(lambda: status(redis, job.id) == "started")
    before.look(server.url)
    assert warnings() == []
    before.kill()
    if name == "before":
        redis.delete(keys.worker(name))  # it has expired, or RQ would refuse the second one
    after = container(name, DEFAULT)
    after.look(server.url)
    if name != "before":
        expire_lease(redis, job.id)
    (warning,) = (each for each in warnings() if each["code"] == "worker_lost")
    assert warning["job_id"] == job.id
    (listed,) = (worker for worker in snapshot(console)["workers"] if worker["name"] == name)
    assert (listed["state"], listed["gone"]) == ("idle", None), "the new one is told apart from it"
    console.engine.watch.forget()
    (result,) = console.actions.run("fail", [job.id])["results"]
    assert (result["ok"], result["state_after"]) == (True, "failed")

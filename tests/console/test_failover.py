"""The primary of a Redis with Sentinels is killed while jobs are enqueued and run: what is lost, what runs twice, and
what the page says meanwhile. `docs/servers.md` says what these hold."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

from job_console.console.address import resolve
from job_console.console.embedded import end
from job_console.engine.errors import LockLost, RedisUnavailable
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who
from job_console.engine.redis import keys
from tests.support import debian
from tests.support.failover import Producer, marks
from tests.support.processes import ROOT
from tests.support.sizes import sized
from tests.support.waiting import wait_until

from .test_servers import BENCH, bench, page  # noqa: F401  a fixture

JOBS = sized(500, 10_000)
QUEUE = f"{BENCH}:short"


@contextlib.contextmanager
def workers(folder: Path, count: int, log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.support.failover", str(folder), QUEUE]
    with log.open("ab") as out:
        started = [subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            end(process)


def kill(servers: debian.Guarded) -> float:
    """When."""
    servers.primary.send_signal(signal.SIGKILL)
    servers.primary.wait()
    return time.time()


def test_nothing_is_lost_that_rq_does_not_lose(bench: Any, tmp_path: Path) -> None:  # noqa: F811
    with debian.guarded(tmp_path) as servers, contextlib.ExitStack() as stack:
        folder = bench(**servers.settings())
        client = stack.enter_context(contextlib.closing(resolve(None, {}, folder).server.connect()))
        producer = Producer(client, QUEUE, tmp_path)
        stack.enter_context(workers(folder, 2, tmp_path / "workers.log"))
        site = stack.enter_context(page(folder))
        names = [f"a||{number}" for number in range(JOBS)]
        known = producer.enqueue(names[: JOBS // 2])
        assert client.wait(1, 30_000) == 1, "the replica has these"

        said: list[tuple[int, dict[str, Any]]] = []
        looked = threading.Event()

        def look() -> None:
            while not looked.is_set():
                answer = site.get("/api/snapshot")
                said.append((answer.status, answer.json))
                time.sleep(0.1)

        looking = threading.Thread(target=look)
        looking.start()
        killed_at: list[float] = []
        killer = threading.Timer(0.3, lambda: killed_at.append(kill(servers)))
        killer.start()
        later = producer.enqueue(names[JOBS // 2 :])
        killer.join()
        # However quick this machine is: these come to the new primary.
        last = producer.enqueue(extra := [f"a||behind-{number}" for number in range(20)])
        # They come last: a busy machine runs 25 a second.
        wait_until(
            lambda: all(name in marks(tmp_path) for name in extra), 120 + JOBS / 25, "workers found the new primary"
        )
        wait_until(lambda: client.llen(keys.queue(QUEUE)) == 0, 120, "the queue is empty again")
        looked.set()
        looking.join()

        assert client.info("server")["tcp_port"] == servers.ports[1]
        ran, (killed,) = marks(tmp_path), killed_at
        acknowledged = {**known, **later, **last}
        missing = {name for name in acknowledged if name not in ran}
        shown = {name for name in missing if client.exists(keys.job(name))}
        # Asynchronous replication: only what the old primary had acknowledged, and not sent.
        lost = missing - shown
        assert all(name in later and acknowledged[name] <= killed for name in lost), lost
        # A pop that was not sent is undone, so its job is there again: it may have run on the old one already.
        twice = {name: times for name, times in ran.items() if len(times) > 1}
        assert all(min(times) <= killed for times in twice.values()), twice
        for status, document in said:
            assert status in (200, 503), document
            assert document["server"].startswith(f"{debian.SERVICE} (Sentinel "), document
        refused = [document for status, document in said if status == 503]
        assert refused, "somebody looked while there was no primary"
        assert all("Redis" in str(document["error"]) for document in refused), refused[0]
        assert said[-1][0] == 200
        codes = {warning["code"] for warning in site.get("/api/warnings").json["warnings"]}
        assert "memory_lost" not in codes, "what was known is there"


def test_a_lock_that_the_replica_had_not_is_handed_out_twice_and_the_fence_tells(
    bench: Any,  # noqa: F811
    tmp_path: Path,
) -> None:
    with debian.guarded(tmp_path) as servers:
        folder = bench(**servers.settings())
        options = LockOptions(ttl_s=60.0, wait_s=0.0)
        with contextlib.closing(resolve(None, {}, folder).server.connect()) as client:
            with Lock(client, "stock", options, Who(pid=1, host="here")):
                pass
            assert client.wait(1, 30_000) == 1
            replica = redis_py.Redis(port=servers.ports[1], password=debian.MASTER)
            replica.config_set("masterauth", "another")  # so that it does not come back
            client.execute_command("CLIENT", "KILL", "TYPE", "replica")
            first = Lock(client, "stock", options, Who(pid=1, host="here"))
            first.acquire()
            assert replica.dump(keys.lock("stock")) != client.dump(keys.lock("stock")), "it does not know of that"
            replica.close()
            kill(servers)
            other = LockOptions(ttl_s=60.0, wait_s=0.0, owner="somebody else")
            second = Lock(client, "stock", other, Who(pid=2, host="there"))
            wait_until(lambda: taken(second), 120, "there is a primary again")
            assert second.token > first.token
            with pytest.raises(LockLost):
                first.check()
            second.check()
            second.release()


def taken(lock: Lock) -> bool:
    try:
        lock.acquire()
    except RedisUnavailable:
        return False
    return True

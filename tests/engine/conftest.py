"""The engine on our own server, and ways to count what it costs."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rq import Queue
from rq.job import Job

from job_console.engine.diagnosis import limits as diagnosis_limits
from job_console.engine.failures import limits as failures_limits
from job_console.engine.jobs import limits as jobs_limits
from job_console.engine.redis import keys
from job_console.engine.service import Console, Engine, Viewer

from ..jobs import WRAPPER, wrapped
from ..support.lua_keys import watched
from .bench import SHORT


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks for as long as its slice of time lasts finds on a busy machine what it finds on an idle one."""
    for name in ("SEARCH_SLICE_S", "SITE_PAGE_S", "DEEP_QUEUES_S"):
        monkeypatch.setattr(jobs_limits, name, 60.0)
    for name in ("LOOK_S", "SWEEP_S"):
        monkeypatch.setattr(failures_limits, name, 60.0)


@pytest.fixture(scope="session", autouse=True)
def declared_keys() -> Iterator[None]:
    """None of our scripts touches a key that it was not given, unless nobody could know it."""
    with watched():
        yield


@pytest.fixture
def engine(redis: Any) -> Engine:
    return Engine(redis)


@pytest.fixture
def console(engine: Engine) -> Console:
    """The whole bench, seen by somebody who may act."""
    return engine.console(Viewer("tester@here", may_act=True))


@pytest.fixture
def queue(redis: Any) -> Queue:
    return Queue(SHORT, connection=redis)


@pytest.fixture
def enqueue(queue: Queue) -> Callable[..., Job]:
    """enqueue("say_hello", name="x", site="a.localhost"): a job of tests.jobs, wrapped as Frappe's are."""

    def one(method: str, site: str = "a.localhost", job_id: str | None = None, **kwargs: Any) -> Job:
        call = wrapped(f"tests.jobs.{method}", site=site, **kwargs)
        return queue.enqueue_call(WRAPPER, kwargs=call, timeout=60, result_ttl=600, job_id=job_id)

    return one


@pytest.fixture
def now(engine: Engine) -> Callable[[], dict[str, Any]]:
    """A snapshot that is not a second old."""

    def look() -> dict[str, Any]:
        engine.watch.forget()
        return engine.console(Viewer("tester@here", may_act=True)).snapshot()

    return look


@pytest.fixture
def quick_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """What needs proof is proven by the next look, and young ghosts count."""
    monkeypatch.setattr(diagnosis_limits, "PROOF_S", 0.05)
    monkeypatch.setattr(diagnosis_limits, "GHOST_AGE_S", 0.0)


class RoundTrips:
    """Round trips of a client, and the commands in each."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def __len__(self) -> int:
        return len(self.sent)


@pytest.fixture
def round_trips(redis: Any) -> Callable[[], Any]:
    """`with trips() as counted: …; len(counted)`: round trips on the connections of `redis`, as they are sent."""

    @contextlib.contextmanager
    def count() -> Iterator[RoundTrips]:
        counted = RoundTrips()
        connections = redis.connection_pool.connection_class
        real = connections.send_packed_command

        def send(self: Any, command: Any, *args: Any, **kwargs: Any) -> Any:
            parts = command if isinstance(command, (list, tuple)) else [command]
            counted.sent.append(b"".join(part if isinstance(part, bytes) else part.encode() for part in parts))
            return real(self, command, *args, **kwargs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connections, "send_packed_command", send)
            yield counted

    return count


def readers(redis: Any) -> list[int]:
    """Processes that read for this server."""
    values = [redis.get(key) for key in redis.scan_iter(keys.stack_reader("*"))]
    return [int(value.split()[0]) for value in values if value and value != b"starting"]


def starting(redis: Any) -> bool:
    return b"starting" in [redis.get(key) for key in redis.scan_iter(keys.stack_reader("*"))]


@pytest.fixture
def reading(redis: Any, wait_until: Callable[..., object]) -> Iterator[None]:
    """Jobs start a reader; it is ended after the test."""
    yield
    # One that is being started has no number yet; one that nobody needed has gone by itself.
    wait_until(lambda: not starting(redis), message="the reader has begun")
    for pid in readers(redis):
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):  # of a host of its own, which is gone
            if "engine.host.reader" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                os.kill(pid, signal.SIGKILL)

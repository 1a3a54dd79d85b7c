"""One bench of a fleet: its engine, and the thread that looks at it and does what is asked of it, one after the other.

Nobody else waits for its Redis: the overview has the last row, and what is asked of all benches has a deadline.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timezone
from math import inf
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Lock, Semaphore, Thread
from time import monotonic
from typing import Any, TypeVar

from job_console.engine.errors import JobConsoleError, RedisUnavailable
from job_console.engine.otherlocks import BenchFolder
from job_console.engine.service import Console, Engine, Viewer

from ..watching import INCIDENTS
from .circuit import ASKED_S, CLOSED, Circuit
from .config import Entry, engine_options

log = logging.getLogger("job_console")

Json = Mapping[str, Any]
T = TypeVar("T")
#: Calls of its page that may wait for it at the same time: a slow bench must not hold all threads of the server.
CALLS = 24
#: A bench sweeps itself: its hosts and its scheduler do. So whoever watches many does it more seldom than `serve` for
#: one, and often enough that an incident does not end in between (`limits.INCIDENT_CALM_S`).
SWEEPS_EVERY_S = 30.0
_END = object()
_NOW = object()


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a bench. `row`: the last one, also of one that cannot be reached now."""

    row: Json | None = None
    looked_at: datetime | None = None
    took_s: float | None = None
    circuit: Circuit = CLOSED


class Member:
    """Thread-safe, but `run`, which is of its own thread."""

    def __init__(self, entry: Entry, sweeps: bool, viewer: Viewer, places: Semaphore) -> None:
        """`sweeps`: do what is due on it, as `serve` does. `viewer`: whoever started the process. `places`: how many
        benches are looked at in the same moment."""
        self.entry = entry
        self.name = entry.name
        self.engine = Engine(entry.address.server.connect(**engine_options(entry)), _prefix(entry))
        self.engine.folder = BenchFolder(entry.address.bench) if entry.address.bench else None
        self.engine.names = {**entry.address.names(), "bench": entry.name}
        self.seen = Seen()
        self._places = places
        self.calls = BoundedSemaphore(CALLS)
        self._console = self.engine.console(Viewer(viewer.name))
        #: When the next sweep is due; never, where it only looks.
        self._sweeps_at = 0.0 if sweeps else inf
        self._tasks: SimpleQueue[Any] = SimpleQueue()
        self._asked = Lock()
        self._asked_at = 0.0
        self._thread: Thread | None = None

    def start(self, after_s: float) -> None:
        """`after_s`: the looks at many benches are spread over the time between two of them."""
        self._thread = Thread(target=self.run, args=(after_s,), name=f"job-console-{self.name}", daemon=True)
        self._thread.start()

    def end(self, patience_s: float) -> None:
        """Its thread may wait for a Redis that does not answer: nobody waits for it longer than that."""
        self._tasks.put(_END)
        if self._thread is not None:
            self._thread.join(patience_s)
        if self._thread is None or not self._thread.is_alive():
            # Not those in use: a slice of a survey may go on for a moment.
            self.engine.redis.connection_pool.disconnect(inuse_connections=False)

    def run(self, after_s: float) -> None:
        due = monotonic() + after_s
        while (task := self._next(due)) is not _END:
            if isinstance(task, _Task):
                task.do(self._console)
                continue
            self._look_in_turn()
            due = monotonic() + self.seen.circuit.pause_s(self.entry.look_every_s)

    def _next(self, due: float) -> Any:
        try:
            return self._tasks.get(timeout=max(due - monotonic(), 0.0))
        except Empty:
            return _NOW

    def _look_in_turn(self) -> None:
        """With a place, so that viewers are answered while many are looked at. One that could not be reached last time
        needs none: it only waits. Nor does anybody wait for others' places for longer than between two looks."""
        has_place = self.seen.circuit.since is None and self._places.acquire(timeout=self.entry.look_every_s)
        try:
            self.look()
        finally:
            if has_place:
                self._places.release()

    def look(self) -> None:
        """Never raises: what went wrong is what is known of the bench now."""
        began = monotonic()
        try:
            if monotonic() >= self._sweeps_at:
                self._sweeps_at = monotonic() + SWEEPS_EVERY_S
                self.engine.sweep([INCIDENTS])
            row = self._console.summary()
        except JobConsoleError as error:
            self._failed(self.entry.address.hide(str(error)))
        except Exception as error:  # the edge of a thread: one bad look must not be the last
            log.exception("No look at %s", self.name)
            self._failed(f"The look failed: {type(error).__name__}.")
        else:
            self.seen = Seen(row, _now(), monotonic() - began)

    def _failed(self, problem: str) -> None:
        before = self.seen
        self.seen = Seen(before.row, before.looked_at, before.took_s, before.circuit.failed(problem, _now()))

    def ask(self, do: Callable[[Console], T]) -> Future[T]:
        """Done by its thread, between two looks. At once an error, where it cannot be reached."""
        task = _Task(do)
        problem = self.seen.circuit.problem
        if problem is not None:
            task.future.set_exception(RedisUnavailable(problem))
        else:
            self._tasks.put(task)
        return task.future

    def check(self) -> None:
        """Raises what the last look raised, where it cannot be reached, and has it tried again soon."""
        problem = self.seen.circuit.problem
        if problem is not None:
            self.try_now()
            raise RedisUnavailable(problem)

    def try_now(self) -> None:
        """Look out of turn, however many ask for it, once in a while."""
        with self._asked:
            if monotonic() - self._asked_at < ASKED_S:
                return
            self._asked_at = monotonic()
        self._tasks.put(_NOW)


class _Task:
    def __init__(self, do: Callable[[Console], Any]) -> None:
        self.future: Future[Any] = Future()
        self._do = do

    def do(self, console: Console) -> None:
        if not self.future.set_running_or_notify_cancel():
            return  # whoever asked has gone
        try:
            self.future.set_result(self._do(console))
        except Exception as error:
            self.future.set_exception(error)


def _prefix(entry: Entry) -> str:
    return f"{entry.bench_id}:" if entry.bench_id else ""


def _now() -> datetime:
    return datetime.now(timezone.utc)

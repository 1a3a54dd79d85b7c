"""The watcher: sweeps, and tells what has changed since it last looked. Nothing is printed here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from job_console.engine.errors import JobConsoleError
from job_console.engine.models.sweeps import DutyRecord
from job_console.engine.schedule.limits import SWEEP_EVERY_S
from job_console.engine.service import Engine, Viewer
from job_console.engine.watch.sweep import Duty
from job_console.engine.watch.watch import Look
from job_console.engine.wire import time

log = logging.getLogger("job_console")

Event = dict[str, Any]
#: Of the time between two looks it surveys so much: it is here for nothing else, and others want the processor too.
SURVEY_SHARE = 0.2
#: A warning is over when so many looks in a row did not find it. One may miss it: a worker is idle between two jobs.
CLOSES_AFTER = 2


def _write_down(engine: Engine, look: Look) -> None:
    engine.console(Viewer("Job Console")).incidents.write_down(look)


#: What only hosts without a site's documents do: the bench's incidents, for whoever opens the console.
INCIDENTS = Duty("incident_log", _write_down)


class Watcher:
    """Each `step` is a sweep. Its events, as JSON-ready documents with `event` and `at` (UTC, None: Redis is away):

    opened, changed (its severity), closed: with `warning`; unreachable: with `message`; reachable;
    duty_failed, duty_recovered: with `duty` and `message`.
    """

    def __init__(self, engine: Engine, viewer: Viewer, every_s: float = SWEEP_EVERY_S) -> None:
        self.engine = engine
        self.console = engine.console(viewer)
        self.every_s = every_s
        self.reachable = True
        self._open: dict[str, Event] = {}
        self._missed: dict[str, int] = {}
        self._failed: dict[str, str] = {}

    @property
    def status(self) -> str:
        """One line, for whoever asks how it is now."""
        if not self.reachable:
            return "Redis cannot be reached."
        asking = sum(not warning["silenced"] for warning in self._open.values())
        return "1 warning is open." if asking == 1 else f"{asking} warnings are open."

    def step(self) -> Iterator[Event]:
        """Never raises for a dead Redis: that is an event."""
        try:
            bench = self.engine.watch.look(SURVEY_SHARE * self.every_s).bench
            self.engine.sweep([INCIDENTS])
            warnings = self.console.warnings.all()["warnings"]
        except JobConsoleError as error:
            if self.reachable:
                yield {"event": "unreachable", "at": None, "message": str(error)}
            self.reachable = False
            return
        at = time(bench.at)
        if not self.reachable:
            yield {"event": "reachable", "at": at}
        self.reachable = True
        for event in (*self._warnings(warnings), *self._duties(bench.duties)):
            yield {**event, "at": at}

    def _warnings(self, warnings: list[Event]) -> Iterator[Event]:
        present = {warning["id"]: warning for warning in warnings}
        for key, warning in present.items():
            before = self._open.get(key)
            if warning["silenced"]:
                continue
            if before is None or before["silenced"]:
                yield {"event": "opened", "warning": warning}
            elif before["severity"] != warning["severity"]:
                yield {"event": "changed", "warning": warning}
        self._missed = {key: self._missed.get(key, 0) + 1 for key in self._open if key not in present}
        over = [key for key, times in self._missed.items() if times >= CLOSES_AFTER]
        for key in over:
            yield {"event": "closed", "warning": self._open.pop(key)}
        self._open.update(present)

    def _duties(self, records: Iterable[DutyRecord]) -> Iterator[Event]:
        """One event when a duty begins to fail, not one for each sweep; also for duties that other processes do."""
        failed = {record.key: record.error for record in records if record.error}
        for duty, message in failed.items():
            if self._failed.get(duty) != message:
                yield {"event": "duty_failed", "duty": duty, "message": message}
        for duty in self._failed.keys() - failed.keys():
            yield {"event": "duty_recovered", "duty": duty, "message": "It goes well again."}
        self._failed = failed


def keep_sweeping(engine: Engine, stopped: threading.Event) -> None:
    """In a thread of its own, for hosts that do something else; says nothing of a Redis that is away."""

    def run() -> None:
        while not stopped.wait(SWEEP_EVERY_S):
            _sweep(engine)

    threading.Thread(target=run, name="job-console-sweep", daemon=True).start()


def _sweep(engine: Engine) -> None:
    try:
        engine.sweep([INCIDENTS])
    except JobConsoleError as error:
        log.debug("No sweep: %s", error)
    except Exception:  # the edge of a thread: one bad sweep must not be the last
        log.exception("A sweep failed")

"""A lane of steps: each is a command, whose output is shown as a whole when it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_printing = threading.Lock()


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    #: Where pytest writes its report, if it is a run of pytest.
    junit: Path | None = None


@dataclass(frozen=True)
class Done:
    step: Step
    code: int
    seconds: float
    output: str
    #: Seconds of a processor that it and all that it waited for took: the same whatever else the machine does.
    processor: float = 0.0


@dataclass
class Lane:
    name: str
    steps: list[Step]
    done: list[Done] = field(default_factory=list)
    #: Steps that whichever lane is free first runs, after its own.
    shared: deque[Step] = field(default_factory=deque)


@dataclass
class Runner:
    """Runs lanes side by side. `stop()` ends what runs, by process group."""

    folder: Path
    environment: dict[str, str]
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)

    def run(self, lanes: Iterable[Lane]) -> None:
        busy = [lane for lane in lanes if lane.steps or lane.shared]
        threads = [threading.Thread(target=self._lane, args=(lane,), name=lane.name) for lane in busy]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        for process in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)

    def _lane(self, lane: Lane) -> None:
        for step in lane.steps:
            lane.done.append(show(self.step(step)))
        with contextlib.suppress(IndexError):  # none is left
            while True:
                lane.done.append(show(self.step(lane.shared.popleft())))

    def step(self, step: Step) -> Done:
        log = self.folder / f"{step.name.replace('/', '-').replace(' ', '-')}.log"
        began = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                step.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._running.add(process)
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self._running.discard(process)
        processor = used.ru_utime + used.ru_stime
        took = time.monotonic() - began
        return Done(step, process.returncode, took, log.read_text("utf-8", "replace"), processor)


def show(done: Done, write: Callable[[str], object] = print) -> Done:
    """Its whole output under one heading, not mixed with that of the lanes beside it."""
    with _printing:
        write(f"\n== {done.step.name}: {'passed' if done.code == 0 else 'FAILED'} in {done.seconds:.0f} s")
        write(done.output.rstrip())
    return done

"""Starts real workers, finds the processes that they fork, and ends all of them by id."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import redis

from .forkserver import NAME_BYTES, Forked
from .waiting import wait_until
from .worker import VARIABLE

#: As `Workers.start` returns it.
WorkerProcess = subprocess.Popen[bytes] | Forked

ROOT = Path(__file__).resolve().parents[2]
#: Set for a worker and inherited by its horses, also by those whose worker is gone.
MARK = "JOB_CONSOLE_TEST_WORKER"


def marked(with_mark: str) -> list[int]:
    """Living processes that were started with this mark, and all that they forked or started.

    It is in the environment of what was started, and the name of what was forked (forkserver.py).
    """
    variable, name, found = f"{MARK}={with_mark}".encode(), f"{with_mark}\n".encode(), []
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208  see below
        with contextlib.suppress(OSError):
            # A process that has ended but was not waited for has no environment any more.
            environment = _read(f"/proc/{pid}/environ")
            if environment and (variable in environment.split(b"\0") or _read(f"/proc/{pid}/comm") == name):
                found.append(int(pid))
    return found


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  hundreds of them, many times a second
        return file.read()


def kill(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)


class Workers:
    """Real RQ workers in real processes. The `workers` fixture ends all of them after the test."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._started: list[WorkerProcess] = []
        self._marks: dict[int, str] = {}

    def start(
        self,
        *queues: str,
        name: str | None = None,
        monitor: int | None = None,
        burst: bool = False,
        fork: bool = True,
        extra: tuple[str, ...] = (),
        inside: tuple[str, ...] = (),
    ) -> WorkerProcess:
        """A worker on these queues; returns when it has registered itself. `process.worker_name` is its name.

        `extra`: further options of tests/support/worker.py. `inside`: a command that starts it, such as `unshare`.
        """
        name = name or f"worker-{uuid.uuid4().hex[:8]}"
        options = ["--name", name, *(["--monitor", str(monitor)] if monitor else []), *(["--burst"] if burst else [])]
        options += [*extra] if fork else ["--no-fork", *extra]
        arguments = [*options, "--", *queues]
        mark = f"jc-{uuid.uuid4().hex}"[:NAME_BYTES]  # other test runs on this machine have a `w1` too
        environment = {VARIABLE: self._url, "PYTHONPATH": str(ROOT), MARK: mark}
        process: WorkerProcess
        if inside:
            process = subprocess.Popen(
                [*inside, sys.executable, "-m", "tests.support.worker", *arguments],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        else:
            process = Forked(start=arguments, environment=environment, mark=mark)
        process.worker_name = name  # type: ignore[attr-defined]
        self._started.append(process)
        self._marks[process.pid] = mark
        with contextlib.closing(redis.Redis.from_url(self._url)) as client:
            wait_until(
                lambda: client.hexists(f"rq:worker:{name}", "birth") or process.poll() is not None,
                message=f"worker {name} starts",
            )
            client.connection_pool.disconnect()
        return process

    def horses(self, process: WorkerProcess) -> list[int]:
        """The processes that run its jobs now."""
        return [pid for pid in marked(self._marks[process.pid]) if pid != process.pid]

    def kill(self, process: WorkerProcess, with_horse: bool = True) -> None:
        """SIGKILL, as the kernel does when memory ends; the horse too unless told otherwise."""
        for pid in [process.pid, *(self.horses(process) if with_horse else [])]:
            kill(pid)
        process.wait()

    def end_all(self) -> None:
        for process in self._started:
            while pids := marked(self._marks[process.pid]):  # again: it may have forked meanwhile
                for pid in pids:
                    kill(pid)
            process.wait()

    def left(self) -> list[int]:
        return [pid for mark in self._marks.values() for pid in marked(mark)]

"""Real workers and real commands in real processes, started in a moment.

A Python that imports rq and what the jobs of the tests need, or what `job-console` needs, takes half a second of a
processor, and the tests start more than a thousand. So one process for each run of tests imports all of that once,
and forks each worker before anything was connected: from there on it does what `python -m tests.support.worker`
does. A command is forked in the same way, and does what `job-console` does.

`python -m tests.support.forkserver` reads requests from its input, a line of JSON each:

- `{"start": [ARGUMENT…], "environment": {…}, "mark": "…"}` and
  `{"command": [ARGUMENT…], "environment": {…}, "folder": "…", "out": FILE, "err": FILE}`
  are answered with the pid of what was forked,
- `{"ended": PID}` with its exit code or null.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
_PR_SET_NAME = 15
#: That the kernel keeps of a process's name, which what it forks inherits.
NAME_BYTES = 15


class Forked:
    """A forked process: what the tests use of `subprocess.Popen`."""

    def __init__(self, **request: Any) -> None:
        self.returncode: int | None = None
        self.pid: int = _server().ask(request)

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = _server().ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = time.monotonic() + (timeout if timeout is not None else 3600.0)
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            time.sleep(0.01)
        return code

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class _Server:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, request: dict[str, Any]) -> Any:
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


def command(arguments: list[str], environment: dict[str, str], folder: Path, timeout: float) -> tuple[int, str, str]:
    """`job-console ARGUMENT…` in this folder and with nothing but this environment: its exit code and what it wrote."""
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        process = Forked(command=arguments, environment=environment, folder=str(folder), out=out.name, err=err.name)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        return code, out.read().decode(), err.read().decode()


@cache
def _server() -> _Server:
    """It ends with the process that asks: its input is over then."""
    return _Server()


def main() -> None:
    import tests.engine.concurrency.work
    import tests.engine.retries.work
    import tests.engine.stacks.gallery_disturbed  # noqa: F401  what the jobs of the tests import, and rq with it

    from . import worker

    worker.tie_to_parent()
    _freeze()
    for line in sys.stdin:
        request = json.loads(line)
        if "command" in request:
            _import_commands()
        answer = _ended(request["ended"]) if "ended" in request else os.fork()
        if answer == 0 and "ended" not in request:
            break  # this is what was asked for
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    else:
        return
    if "command" in request:
        _run(request)
    _become(request["mark"], request["environment"])
    worker.main(request["start"])


def _freeze() -> None:
    """A fork's collections leave what was imported alone, so its memory stays shared."""
    gc.collect()
    gc.freeze()


@cache
def _import_commands() -> None:
    """Not before one is asked for: where only the engine is tested, the console cannot be imported."""
    from job_console.console.cli import cli

    for verb in cli.all():
        cli.get_command(None, verb)  # type: ignore[arg-type]  the verb's module is imported, nothing else
    _freeze()


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _run(request: dict[str, Any]) -> NoReturn:
    from job_console.console import cli
    from tests.support import worker

    worker.tie_to_parent()
    os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, path in enumerate((os.devnull, request["out"], request["err"])):
        opened = os.open(path, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    sys.argv = ["job-console", *request["command"]]
    cli.main()
    sys.exit(0)


def _become(mark: str, environment: dict[str, str]) -> None:
    """A process group of its own, with nothing of its parent's open, that can be found by its mark."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    os.environ.update(environment)
    ctypes.CDLL(None).prctl(_PR_SET_NAME, mark.encode(), 0, 0, 0)


if __name__ == "__main__":
    main()

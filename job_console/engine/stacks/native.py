"""The C functions that a thread is in, above its Python code, read by py-spy where the host has it and may use it.

py-spy stops the process while it reads its stacks (ptrace(2)), for some hundredths of a second, since C code that runs
cannot be read. So it is only called for the one job that somebody asks about, when that job has not moved, and never
for one that the kernel cannot stop at once. No variables are read.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..models.stacks import Armed, Native
from . import process

#: Reading the symbols of large libraries takes it a while, before it stops anything.
TIMEOUT_S = 2.0
FRAMES = 20
NAME_CHARS = 200


def program() -> str | None:
    """The path of py-spy: next to this Python, where pip installs it, or on PATH. None: it is not installed."""
    places = (str(Path(sys.executable).parent), "/usr/local/bin", os.defpath)
    return shutil.which("py-spy", path=os.pathsep.join(places))


def frames(armed: Armed) -> tuple[Native, ...]:
    """The C functions of the main thread, innermost first, down to its first Python frame. (): there are none, or this
    process may not read them.
    """
    found, command = process.read(armed.pid), program()
    if command is None or found is None or any(thread.state in "DTt" for thread in found.threads):
        return ()
    with process.handle(armed.pid, armed.born) as handle:
        return _of_main(armed.pid, _dump(command, armed.pid, handle)) if handle is not None else ()


def _dump(command: str, pid: int, handle: int) -> Any:
    """The output of py-spy as JSON; None: it failed."""
    arguments = [command, "dump", "--native", "--json", "--pid", str(pid)]
    try:
        done = subprocess.run(  # noqa: S603 - the host's own program, with arguments of ours
            arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:  # it was killed
        _let_go(handle)
        return None
    except OSError:  # the host does not let us start it
        return None
    if done.returncode < 0:
        _let_go(handle)
    try:
        return json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        return None


def _let_go(handle: int) -> None:
    """Continue the process: what py-spy has stopped goes on when py-spy dies, except for a stop that was still on its
    way.
    """
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGCONT)


def _of_main(pid: int, threads: Any) -> tuple[Native, ...]:
    """() for what is not understood."""
    found = []
    try:
        (main,) = [thread for thread in threads if thread["os_thread_id"] == pid]
        for frame in main["frames"]:
            if not frame["module"]:  # Python's
                break
            if not frame["name"].startswith("0x"):  # its library tells no names
                found.append(Native(frame["name"][:NAME_CHARS], Path(frame["module"]).name[:NAME_CHARS]))
    except (TypeError, ValueError, KeyError, AttributeError):
        return ()
    return tuple(found[:FRAMES])

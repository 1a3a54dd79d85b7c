"""One sample of an armed process, taken by another one on its host."""

from __future__ import annotations

import os
import signal
from time import monotonic, sleep, time

from . import frames, process
from .models import Armed, Process, Sample

#: The handler writes some kilobytes; on a machine that is busy its thread waits for its turn first.
DUMP_S = 2.0
DUMP_BYTES = 256 * 1024


class NoStack(Exception):
    """Why there is none, fit for people."""


def take(armed: Armed, stacks: bool = True) -> Sample | None:
    """None when the process is gone. `stacks` False: only what /proc says, without a signal."""
    found = process.read(armed.pid) if process.born(armed.pid) == armed.born else None
    if found is None:
        return None
    if not stacks:
        return Sample(time(), found)
    try:
        return Sample(time(), found, frames.parse(_dump(armed, found)))
    except NoStack as problem:
        return Sample(time(), found, problem=str(problem))
    except OSError as error:
        return Sample(time(), found, problem=f"its stack cannot be read ({error.strerror})")


def _dump(armed: Armed, found: Process) -> str:
    """Raises NoStack, OSError."""
    if found.state in "Tt":
        raise NoStack("it is stopped, and writes its stack when it goes on")
    with process.handle(armed.pid, armed.born) as handle:
        if handle is None or not process.catches(armed.pid, armed.signal):
            raise NoStack("it does not listen for the signal any more")
        file = os.open(f"/proc/{armed.pid}/fd/{armed.fd}", os.O_RDWR)
        try:
            os.ftruncate(file, 0)
            signal.pidfd_send_signal(handle, armed.signal)
            return _written(armed, file)
        finally:
            os.close(file)


def _written(armed: Armed, file: int) -> str:
    """Wait until the handler has ended: half a dump would be another place."""
    deadline = monotonic() + DUMP_S
    while process.handling(armed.pid, armed.signal) or not os.fstat(file).st_size:
        if monotonic() > deadline:
            raise NoStack("it is in the kernel, and does not take a signal")
        sleep(0.002)
    return os.pread(file, DUMP_BYTES, 0).decode("utf-8", "replace")

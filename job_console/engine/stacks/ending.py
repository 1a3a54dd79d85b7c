"""What the reader of a host does to end a job there: interrupt it, or kill its process."""

from __future__ import annotations

import os
import signal
from time import monotonic, sleep

from ..models.stacks import Armed
from . import files, process
from . import interrupt as stop_request

#: A job in the middle of a commit is left alone, and asked again: so often that one which hardly does anything else is
#: met outside of it.
INTERRUPT_S = 3.0
AGAIN_S = 0.02


def interrupt(armed: Armed, text: str) -> bool:
    """Whether its code has begun to leave. False: it cannot be interrupted (C code, the kernel, it has closed the
    letter's file), or is gone.
    """
    with (
        process.handle(armed.pid, armed.born) as handle,
        files.opened(armed.pid, armed.request_file, files.STOP_REQUEST) as file,
    ):
        if handle is None or file is None:
            return False
        if not armed.interrupt or not process.catches(armed.pid, armed.interrupt):
            return False
        try:
            stop_request.write(file, armed.at, text)
            deadline = monotonic() + INTERRUPT_S
            while not stop_request.was_read(file) and monotonic() < deadline:
                signal.pidfd_send_signal(handle, armed.interrupt)
                sleep(AGAIN_S)
            done = stop_request.was_read(file)
            os.ftruncate(file, 0)  # what comes too late is not acted on
            return done
        except ProcessLookupError:
            return stop_request.was_read(file)


def kill(armed: Armed) -> bool:
    """Whether there was one to kill."""
    with process.handle(armed.pid, armed.born) as handle:
        if handle is None:
            return False
        try:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

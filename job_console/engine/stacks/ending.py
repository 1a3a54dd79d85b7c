"""Ends a job on this host, as its reader is asked to: by an interruption, or by killing its process."""

from __future__ import annotations

import os
import signal
from time import monotonic, sleep

from ..models.stacks import Armed
from . import files, process
from . import interrupt as stop_request

#: A job is not interrupted in the middle of a commit, so the signal is sent again; so often that a job which commits
#: all the time is met between two commits.
INTERRUPT_S = 3.0
AGAIN_S = 0.02


def interrupt(armed: Armed, text: str) -> bool:
    """Interrupt the job. Returns whether its code has raised the exception. False: it is gone, or cannot be interrupted
    (it is in C code or in the kernel, or has closed the file that requests are written to).
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
    """Kill the process. Returns whether it was there."""
    with process.handle(armed.pid, armed.born) as handle:
        if handle is None:
            return False
        try:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

"""Interrupts the job that this process runs, when another process asks for it, wherever the job is in its Python code.

The request is a realtime signal with a Python handler, which runs in the main thread between two bytecodes and also
ends a system call that waits. The handler raises `StopAsked`, as `progress` does in a job that reports, so that
clean-up happens: what is not committed is rolled back, locks are released, `finally` and `with` blocks run. The request
itself is written into an anonymous file: it names the run, and the text of the exception. Another run, and our own
hooks, are never interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import weakref
from collections.abc import Callable
from types import FrameType

from ..progress.early_exit import StopAsked

#: In the file of the request, once it has been acted on.
READ = b"read"
_BYTES = 4096

NotNow = Callable[[FrameType | None], bool]

#: The run that may be interrupted: its birth as `Armed.at`, and the file that requests are written to.
_run: tuple[float, int] | None = None
_not_now: NotNow | None = None


def number() -> int:
    return int(signal.SIGRTMIN) + 12


def listen() -> bool:
    """Install the handler, once in a process. False: the application uses the signal, or this is not the main
    thread.
    """
    try:
        before = signal.getsignal(number())
        if before not in (signal.SIG_DFL, _on_signal):
            return False
        signal.signal(number(), _on_signal)
    except ValueError:
        return False
    return True


def begin(at: float, request_file: int, not_now: NotNow | None) -> None:
    """A run begins, and may be interrupted. `not_now`: whether the code in this frame must not be interrupted (a
    commit); the sender tries again then.
    """
    global _run, _not_now
    os.ftruncate(request_file, 0)
    _not_now = not_now
    _run = (at, request_file)


def end() -> None:
    global _run
    _run = None


def write(request_file: int, at: float, text: str) -> None:
    """Called by the sender: write the request. `text`: the message of the exception that the job gets."""
    os.ftruncate(request_file, 0)
    os.pwrite(request_file, json.dumps({"at": at, "text": text[: _BYTES // 8]}).encode(), 0)


def was_read(request_file: int) -> bool:
    return os.pread(request_file, len(READ), 0) == READ


def _is_ignored(frame: FrameType | None) -> bool:
    """Whether Python ignores exceptions raised there: in a destructor, or in the callback of a weak reference."""
    while frame is not None:
        if frame.f_code.co_name == "__del__" or frame.f_code.co_filename == weakref.__file__:
            return True
        frame = frame.f_back
    return False


def _on_signal(_number: int, frame: FrameType | None) -> None:
    if _run is None:
        return
    at, file = _run
    try:
        request = json.loads(os.pread(file, _BYTES, 0))
        meant, text = float(request["at"]) == at, str(request["text"])
    except (OSError, ValueError, TypeError, KeyError):
        return
    if meant and not _is_ignored(frame) and not (_not_now and _not_now(frame)):
        end()
        os.ftruncate(file, 0)
        os.pwrite(file, READ, 0)
        raise StopAsked(text)

"""Arms the process that runs a job: from then on the reader of its host can read its stacks by signals.

There are two ways. A thread that runs Python code writes its stack at a safe point (`safe_point`). A thread that
reaches no such point is read by the handler of `faulthandler`: C code that needs neither the interpreter's lock nor
memory. Both write to an anonymous file (memfd_create(2)), and the system call that they interrupt goes on (SA_RESTART;
Python itself repeats what cannot be restarted, PEP 475). The signals are realtime ones that nothing else here uses; one
for which the application has a handler is left alone.

One signal of `faulthandler` dumps the stack of the main thread, which receives it and does nothing else meanwhile.
Another dumps all threads. That walks their frames without the interpreter's lock, and a thread that runs may free a
frame while it is read, which would crash the process. So it is only sent while all other threads sleep (`sample`).
"""

from __future__ import annotations

import faulthandler
import fcntl
import os
import signal
import socket
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import time

from ..models.stacks import Armed
from ..output import capture
from . import files, interrupt, process, safe_point


@dataclass(frozen=True, slots=True)
class _Own:
    """The files and signals of this process. A work-horse inherits its worker's, and must make its own."""

    pid: int
    #: The file for its stacks, and that for requests to stop (0: it cannot be interrupted).
    stacks: int
    request_file: int
    #: The signal for the stacks of all threads (0: the application has taken it).
    all_threads: int
    #: The file for its stacks at a safe point (0: there is no such handler).
    safe: int

    def is_whole(self) -> bool:
        """Whether this is of the present process, and no earlier job has closed the files."""
        request = not self.request_file or files.is_ours(self.request_file, files.STOP_REQUEST)
        safe = not self.safe or files.is_ours(self.safe, files.SAFE_POINT)
        return self.pid == os.getpid() and request and safe and files.is_ours(self.stacks, files.STACKS)


_own: _Own | None = None


def possible() -> bool:
    return hasattr(os, "memfd_create") and hasattr(signal, "SIGRTMIN") and hasattr(signal, "pidfd_send_signal")


def number() -> int:
    """The signal for the main thread's stack. glibc uses the first two realtime signals, and some runtimes the next."""
    return int(signal.SIGRTMIN) + 11


def number_of_all_threads() -> int:
    return int(signal.SIGRTMIN) + 13


def arm(job_id: str, not_now: interrupt.NotNow | None = None) -> Armed | None:
    """Arm this process for one run of a job. None: it is not possible (no Linux, or the application uses the signal).

    `not_now`: see `interrupt.begin`.
    """
    own = _of_this_process() if possible() else None
    if own is None:
        return None
    at = round(time(), 3)
    if own.request_file:
        interrupt.begin(at, own.request_file, not_now)
    listens = interrupt.number() if own.request_file else 0
    birth = process.born(own.pid) or 0
    return Armed(
        job_id,
        host(),
        own.pid,
        birth,
        number(),
        own.stacks,
        at,
        listens,
        own.request_file,
        own.all_threads,
        _servants(),
        safe_point.number() if own.safe else 0,
        own.safe,
        capture.present(job_id),
    )


def _servants() -> tuple[int, ...]:
    """The threads that serve the worker: RQ's thread that receives commands, in a worker that does not fork. With rq 1
    it wakes five times a second.
    """
    threads = (each for each in threading.enumerate() if type(each).__module__.partition(".")[0] == "redis")
    return tuple(each.native_id for each in threads if each.native_id)


def _of_this_process() -> _Own | None:
    global _own
    if not _is_free(number()):
        return None
    if _own is None or not _own.is_whole():
        fd = files.make(files.STACKS)
        fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND)  # each dump begins where the file, emptied by its reader, ends
        faulthandler.register(number(), file=fd, all_threads=False, chain=False)
        everyone = number_of_all_threads() if _is_free(number_of_all_threads()) else 0
        if everyone:
            faulthandler.register(everyone, file=fd, all_threads=True, chain=False)
        request_file = files.make(files.STOP_REQUEST) if interrupt.listen() else 0
        _own = _Own(os.getpid(), fd, request_file, everyone, _safe_file())
    return _own


def _safe_file() -> int:
    file = files.make(files.SAFE_POINT)
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
    if safe_point.listen(file):
        return file
    os.close(file)
    return 0


def _is_free(signal_number: int) -> bool:
    """Whether the application has no handler for the signal. Python does not know of `faulthandler`'s handlers."""
    return signal.getsignal(signal_number) is signal.SIG_DFL


@cache
def host() -> str:
    """An identifier that is equal for processes which can see and signal each other: the same machine (since its last
    boot), pid namespace and user. It begins with the name of the machine.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    space = Path("/proc/self/ns/pid").stat().st_ino
    return f"{socket.gethostname()}:{boot}:{space}:{os.geteuid()}"

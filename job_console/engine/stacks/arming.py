"""In the process that runs a job: let its stacks be read from outside.

The handler is `faulthandler`'s: C code that needs neither the interpreter's lock nor memory, writes to a file that has
no name (memfd_create(2)), and lets the system call that it interrupts go on (SA_RESTART; Python itself tries again what
cannot be restarted, PEP 475). The signal is one of the realtime ones, which nothing here uses; where the application
has its own handler for it, we leave it alone.
"""

from __future__ import annotations

import faulthandler
import fcntl
import os
import signal
import socket
from functools import cache
from pathlib import Path
from time import time

from . import interrupt, process
from .models import Armed

_NAME = "job_console_stacks"
#: In this process: its pid, the file for its stacks, and that for letters (0: it cannot be interrupted). A horse
#: inherits what its worker had, and needs its own.
_files: tuple[int, int, int] | None = None


def possible() -> bool:
    return hasattr(os, "memfd_create") and hasattr(signal, "SIGRTMIN") and hasattr(signal, "pidfd_send_signal")


def number() -> int:
    """glibc keeps the first two of the realtime signals, and some runtimes the next."""
    return int(signal.SIGRTMIN) + 11


def arm(job_id: str, not_now: interrupt.NotNow | None = None) -> Armed | None:
    """None where it cannot be done: no Linux, or the application has taken the signal.

    `not_now`: see `interrupt.begin`.
    """
    files = _of_this_process() if possible() else None
    if files is None:
        return None
    pid, stacks, letter = files
    at = round(time(), 3)
    if letter:
        interrupt.begin(at, letter, not_now)
    listens = interrupt.number() if letter else 0
    return Armed(job_id, host(), pid, process.born(pid) or 0, number(), stacks, at, listens, letter)


def _of_this_process() -> tuple[int, int, int] | None:
    global _files
    pid = os.getpid()
    if _files is None or _files[0] != pid:
        if _files is None and signal.getsignal(number()) is not signal.SIG_DFL:
            return None
        fd = os.memfd_create(_NAME)
        fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND)  # each dump begins where the file, emptied by its reader, ends
        faulthandler.register(number(), file=fd, all_threads=True, chain=False)
        letter = os.memfd_create(_NAME) if interrupt.listen() else 0
        _files = (pid, fd, letter)
    return _files


@cache
def host() -> str:
    """Equal for processes that can see each other's /proc and signal each other: one machine, pid namespace and user.

    It begins with the name of the machine.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    space = Path("/proc/self/ns/pid").stat().st_ino
    return f"{socket.gethostname()}:{boot}:{space}:{os.geteuid()}"

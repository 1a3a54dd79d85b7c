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

from . import process
from .models import Armed

_NAME = "job_console_stacks"
#: In this process: pid and descriptor. A horse inherits what its worker had, and needs its own.
_file: tuple[int, int] | None = None


def possible() -> bool:
    return hasattr(os, "memfd_create") and hasattr(signal, "SIGRTMIN") and hasattr(signal, "pidfd_send_signal")


def number() -> int:
    """glibc keeps the first two of the realtime signals, and some runtimes the next."""
    return int(signal.SIGRTMIN) + 11


def arm(job_id: str) -> Armed | None:
    """None where it cannot be done: no Linux, or the application has taken the signal."""
    global _file
    pid = os.getpid()
    if not possible():
        return None
    if _file is None or _file[0] != pid:
        if signal.getsignal(number()) is not signal.SIG_DFL:
            return None
        fd = os.memfd_create(_NAME)
        fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND)  # each dump begins where the file, emptied by its reader, ends
        faulthandler.register(number(), file=fd, all_threads=True, chain=False)
        _file = (pid, fd)
    return Armed(job_id, host(), pid, process.born(pid) or 0, number(), _file[1], round(time(), 3))


@cache
def host() -> str:
    """Equal for processes that can see each other's /proc and signal each other: one machine, pid namespace and user.

    It begins with the name of the machine.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    space = Path("/proc/self/ns/pid").stat().st_ino
    return f"{socket.gethostname()}:{boot}:{space}:{os.geteuid()}"

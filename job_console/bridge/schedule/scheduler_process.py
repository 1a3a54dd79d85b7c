"""Whether a process of this bench holds Frappe's scheduler lock on this machine.

Frappe's own probe takes the lock for a moment, and a scheduler that starts just then takes itself for the second one
and ends. So the kernel's list of locks is read instead.
"""

import os
from pathlib import Path

from frappe.utils import get_bench_path

_LOCKS = Path("/proc/locks")


def alive() -> bool | None:
    """None: it cannot be told here; the scheduler may be in another container, or on another host."""
    try:
        file = (Path(get_bench_path()) / "config" / "scheduler_process").stat()
        held = _LOCKS.read_text()
    except OSError:
        return None
    place = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
    return any(place in line.split() for line in held.splitlines())

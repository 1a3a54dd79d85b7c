"""Anonymous files (memfd_create(2)) through which the process of a job and the reader of its host exchange data.

A job may close all its descriptors, as code does that becomes a daemon, and open a file of its own under the same
number. So a number is never trusted: it is checked first to which file it leads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STACKS, SAFE_POINT, STOP_REQUEST = "job_console_stacks", "job_console_safe_point", "job_console_letter"


def make(name: str) -> int:
    return os.memfd_create(name)


def is_ours(number: int, name: str, pid: int | str = "self") -> bool:
    """Whether this descriptor of that process still leads to the file of this name."""
    try:
        return str(Path(f"/proc/{pid}/fd/{number}").readlink()).startswith(f"/memfd:{name}")
    except OSError:  # it has none, or is dead and not yet buried
        return False


@contextmanager
def opened(pid: int, number: int, name: str) -> Iterator[int | None]:
    """The file of another process, opened. None: its descriptor leads elsewhere by now. Such a file is not even opened,
    since opening has an effect on some files.
    """
    file = _open(pid, number) if is_ours(number, name, pid) else None
    try:
        yield file if file is not None and is_ours(file, name) else None
    finally:
        if file is not None:
            os.close(file)


def _open(pid: int, number: int) -> int | None:
    try:
        return os.open(f"/proc/{pid}/fd/{number}", os.O_RDWR)
    except OSError:  # closed meanwhile, or its process has died
        return None

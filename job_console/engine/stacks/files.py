"""The files without a name (memfd_create(2)) in which the process of a job and the reader of its host leave each other
their words.

A job may close all its descriptors, as code does that makes a daemon of itself, and the same number may be a file of
its own afterwards. So a number is never trusted: what it leads to is looked at.
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
    """Whether this descriptor of that process still leads there."""
    try:
        return str(Path(f"/proc/{pid}/fd/{number}").readlink()).startswith(f"/memfd:{name}")
    except OSError:  # it has none, or is dead and not yet buried
        return False


@contextmanager
def opened(pid: int, number: int, name: str) -> Iterator[int | None]:
    """That file of another process. None: its descriptor leads elsewhere by now, which is then left alone; also by what
    is opened, as opening does something to some files.
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

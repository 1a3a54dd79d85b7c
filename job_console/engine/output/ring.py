"""The last bytes that a process has written, in memory that it shares with the reader of its host.

A file in memory (/dev/shm) that the process has mapped: to write is to copy bytes, without a system call, and what was
written before the process is killed is there after it, too. It has a name, and not only a descriptor, because a process
may die before anybody has opened it. It is made when something is written, and removed when the run has ended; that of
a killed one the reader removes. Where there is no such memory it is the process's own.

The file: when the run began, how many bytes were written in all, and the last `KEPT_BYTES` of them, byte n at the place
n modulo `KEPT_BYTES`.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import time

from . import limits

FOLDER = Path("/dev/shm")  # noqa: S108  only our own user's files in it are opened
_NAME = "job_console_log"
_HEAD = struct.Struct("=dQ")
_COUNT = struct.Struct("=Q")
_COUNT_AT = 8
SIZE = _HEAD.size + limits.KEPT_BYTES


@dataclass(frozen=True, slots=True)
class Content:
    #: When the run began, by the clock of its host.
    begun: float
    #: How many bytes it has written in all.
    written: int
    #: The last of them.
    data: bytes


class Ring:
    """Of one run. Processes that it forks write to the same memory."""

    def __init__(self, at: float, pid: int | None) -> None:
        """`pid`: of the process that runs it, by which its reader finds it. None: nobody is to find it."""
        self.pid = pid
        self._memory = (pid and _shared(pid)) or mmap.mmap(-1, SIZE)
        if _HEAD.unpack_from(self._memory)[0] != at:  # not one that a process of the run has made already
            _HEAD.pack_into(self._memory, 0, at, 0)

    def write(self, data: bytes) -> None:
        """At most `KEPT_BYTES`. The count comes last, so that who is killed in between has not said it."""
        memory, (written,) = self._memory, _COUNT.unpack_from(self._memory, _COUNT_AT)
        start = written % limits.KEPT_BYTES
        first = data[: limits.KEPT_BYTES - start]
        memory[_HEAD.size + start : _HEAD.size + start + len(first)] = first
        if len(first) < len(data):
            memory[_HEAD.size : _HEAD.size + len(data) - len(first)] = data[len(first) :]
        _COUNT.pack_into(memory, _COUNT_AT, written + len(data))

    def content(self) -> Content:
        begun, written = _HEAD.unpack_from(self._memory, 0)
        return Content(begun, written, _in_order(self._memory[_HEAD.size :], written))

    def remove(self) -> None:
        """The run has ended. Who has it open or mapped keeps it."""
        if self.pid:
            with contextlib.suppress(OSError):
                path_of(self.pid).unlink()


def path_of(pid: int) -> Path:
    return FOLDER / f"{_NAME}.{_space()}.{pid}"


def _shared(pid: int) -> mmap.mmap | None:
    """None: there is no such memory, or no room in it, or somebody else's file stands there."""
    try:
        file = os.open(path_of(pid), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        if not _is_ours(file):
            return None
        os.posix_fallocate(file, 0, SIZE)  # to write where there is no room would kill the process (SIGBUS)
        return mmap.mmap(file, SIZE)
    except OSError:
        return None
    finally:
        os.close(file)


def find(pid: int, at: float) -> int | None:
    """The file of the run that this process began at `at`, opened to be read. None: it has written nothing yet."""
    try:
        file = os.open(path_of(pid), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    found = written(file) if _is_ours(file) else None
    if found is not None and found[0] == at:
        return file
    os.close(file)
    return None


def left_behind() -> Iterator[Path]:
    """Of processes that are gone, which no reader has found while they were known: that takes it seconds."""
    for path in FOLDER.glob(f"{_NAME}.{_space()}.*"):
        with contextlib.suppress(OSError, ValueError):
            known = path.lstat()
            is_old = known.st_uid == os.geteuid() and known.st_mtime < time() - limits.LEFT_S
            if is_old and not Path(f"/proc/{int(path.suffix[1:])}").exists():
                yield path


def written(file: int) -> tuple[float, int] | None:
    """When its run began, and how much it has written. None: the file is not whole."""
    head = os.pread(file, _HEAD.size, 0)
    return _HEAD.unpack(head) if len(head) == _HEAD.size else None


def read(file: int) -> Content | None:
    """Of a process that may write meanwhile: what it overwrote is left out. None: another run has begun."""
    whole = os.pread(file, SIZE, 0)
    after = written(file)
    if len(whole) < SIZE or after is None:
        return None
    begun, count = _HEAD.unpack_from(whole)
    if after[0] != begun:
        return None
    data = _in_order(whole[_HEAD.size :], count)
    lost = max(after[1] - max(count, limits.KEPT_BYTES), 0)
    return Content(begun, count, data[lost:])


def _is_ours(file: int) -> bool:
    """A file of this user's: anybody may have put another one there."""
    known = os.fstat(file)
    return stat.S_ISREG(known.st_mode) and known.st_uid == os.geteuid()


@cache
def _space() -> int:
    """Containers that share their memory may have processes of the same number."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0


def _in_order(memory: bytes, written: int) -> bytes:
    start = written % limits.KEPT_BYTES
    return memory[:written] if written <= limits.KEPT_BYTES else memory[start:] + memory[:start]

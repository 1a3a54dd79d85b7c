"""The last bytes that a process has written, in memory that it shares with the reader of its host.

An anonymous file (memfd_create(2)) that the process has mapped: to write is to copy bytes, without a system call, and
what was written before the process is killed stays as long as anybody has the file open. Where the system has no such
files the memory is the process's own.

The file: when the run began (0: nothing valid), how many bytes were written in all, and the last `KEPT_BYTES` of them,
byte n at the place n modulo `KEPT_BYTES`.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass

from . import limits

#: The name of the file, by which its reader knows it.
NAME = "job_console_log"
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
    """Of one process, which writes. Whoever forked from it writes to the same memory."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        #: 0: it is no file.
        self.file = os.memfd_create(NAME) if hasattr(os, "memfd_create") else 0
        if self.file:
            os.ftruncate(self.file, SIZE)
        self._memory = mmap.mmap(self.file or -1, SIZE)

    def begin(self, at: float) -> None:
        """A run begins: what was there is forgotten."""
        _HEAD.pack_into(self._memory, 0, 0.0, 0)
        _HEAD.pack_into(self._memory, 0, at, 0)

    def write(self, data: bytes, at: float) -> None:
        """At most `KEPT_BYTES`, of the run that began at `at`: what it has forked may outlive it, and is heard no more.
        The count comes last, so that who is killed in between has not said it.
        """
        memory, (begun, written) = self._memory, _HEAD.unpack_from(self._memory)
        if begun != at:
            return
        start = written % limits.KEPT_BYTES
        first = data[: limits.KEPT_BYTES - start]
        memory[_HEAD.size + start : _HEAD.size + start + len(first)] = first
        if len(first) < len(data):
            memory[_HEAD.size : _HEAD.size + len(data) - len(first)] = data[len(first) :]
        _COUNT.pack_into(memory, _COUNT_AT, written + len(data))

    def content(self) -> Content:
        begun, written = _HEAD.unpack_from(self._memory, 0)
        return Content(begun, written, _in_order(self._memory[_HEAD.size :], written))


def written(file: int) -> tuple[float, int] | None:
    """Of another process: when its run began, and how much it has written. None: the file is not whole."""
    head = os.pread(file, _HEAD.size, 0)
    return _HEAD.unpack(head) if len(head) == _HEAD.size else None


def read(file: int) -> Content | None:
    """Of another process, which may write meanwhile: what it overwrote is left out. None: another run has begun."""
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


def _in_order(memory: bytes, written: int) -> bytes:
    start = written % limits.KEPT_BYTES
    return memory[:written] if written <= limits.KEPT_BYTES else memory[start:] + memory[:start]

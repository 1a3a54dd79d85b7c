"""Reads the stacks of a job's process at a safe point: the process itself writes them between two bytecodes.

`faulthandler` reads the frames of the main thread at any machine instruction. From Python 3.11 on there are
instructions at which the frames are incomplete (C code calls Python, and the new call is linked before its frame is
set), and the process crashes; a busy one did after a few hundred samples. So the process is asked to write its stack by
a signal with a Python handler, which runs in the main thread when all frames are complete and no other thread changes
its own. A thread that waits in a system call, or runs in C code, reaches no such point, but its frames do not change
either: only then `faulthandler` is used (`sample`).
"""

from __future__ import annotations

import _thread
import contextlib
import faulthandler
import os
import signal
from dataclasses import dataclass
from time import monotonic, sleep
from types import FrameType

from ..messages import _
from ..models.stacks import Armed, Stack
from . import files, process
from .frames import parse

#: Written after the main thread's stack, and after all stacks, so that an incomplete file is recognised.
_OTHERS, _END = b"others\n", b"end\n"
_BYTES = 256 * 1024
#: On a machine that is busy the thread waits for its turn first.
ANSWER_S = 1.5
_POLL_S = 0.002
#: Who sleeps on for so long after the signal waits in a system call, which the kernel has continued.
ASLEEP_S = 0.1
#: Who has had a processor for so long since, and has not answered, is in C code: Python code comes to a safe point
#: within microseconds.
IN_C_CODE_S = 0.1
#: Who has run and was put aside so often since waits for the interpreter's lock.
_TURNS = 3

_file = 0


class NotNow(Exception):
    """Where the thread is now is not known: it has not run since it was asked."""


def number() -> int:
    return int(signal.SIGRTMIN) + 14


def listen(file: int) -> bool:
    """Install the handler, once in a process; it writes the stacks into `file`. False: the application uses the signal,
    or this is not the main thread.
    """
    global _file
    try:
        if signal.getsignal(number()) not in (signal.SIG_DFL, _on_signal):
            return False
        signal.signal(number(), _on_signal)
        signal.siginterrupt(number(), False)  # the system call that it interrupts goes on
    except ValueError:
        return False
    _file = file
    return True


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    """The handler. It may run anywhere in a job, so it raises nothing and takes no lock."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        if files.is_ours(_file, files.SAFE_POINT):  # a job may have closed it, and have a file of its own there
            faulthandler.dump_traceback(_file, all_threads=False)
            os.write(_file, _OTHERS)
            if _thread._count():
                faulthandler.dump_traceback(_file, all_threads=True)
            os.write(_file, _END)


def ask(armed: Armed, handle: int) -> tuple[Stack, ...] | None:
    """Called by the reader: the stacks that the process writes, the main thread's first. None: that thread is in C code
    or in a system call, so that `faulthandler` may be used. Raises NotNow, OSError.

    `handle`: of that very process (`process.handle`).
    """
    number = armed.safe_point
    with files.opened(armed.pid, armed.safe_file, files.SAFE_POINT) as file:
        if file is None or not process.catches(armed.pid, number) or process.handling(armed.pid, number):
            _must_stand_still(armed.pid)
            return None
        os.ftruncate(file, 0)
        before = _Turn.of(armed.pid)
        process.send(handle, armed.pid, number)
        watch = _Watch(before)
        while not (text := _read(file)) and not watch.stands_still(_Turn.of(armed.pid)):
            sleep(_POLL_S)
        return _stacks(text) if text else None


def _read(file: int) -> str:
    """The text of the file; "" until it is complete."""
    text = os.pread(file, _BYTES, 0)
    return text.removesuffix(_END).decode("utf-8", "replace") if text.endswith(_END) else ""


def _stacks(text: str) -> tuple[Stack, ...]:
    """The stacks, without our own handler, which is the innermost call of the main thread."""
    main, _others, others = text.partition(_OTHERS.decode())
    header, _handler, *frames = main.splitlines()
    own = parse("\n".join([header, *frames]))
    return (*own, *(stack for stack in parse(others) if not stack.main))


def _must_stand_still(pid: int) -> None:
    """For a process without the handler: check that its main thread sleeps, and goes on sleeping. Raises NotNow."""
    watch = _Watch(_Turn.of(pid), patience_s=2 * ASLEEP_S)
    while not watch.stands_still(_Turn.of(pid)):
        sleep(_POLL_S)
    if not watch.asleep:
        raise NotNow(_("it runs, and does not hear the signal for its stack"))


@dataclass(frozen=True, slots=True)
class _Turn:
    """Of the main thread: its state, its number of context switches, and its processor time in seconds."""

    state: str
    switches: int
    ran_s: float

    @classmethod
    def of(cls, pid: int) -> _Turn:
        return cls(*process.turn(pid))


class _Watch:
    """Decides whether a thread that does not answer is in C code or in a system call."""

    def __init__(self, before: _Turn, patience_s: float = ANSWER_S) -> None:
        self._before = self._last = before
        self._since = monotonic()
        self._deadline = self._since + patience_s
        self.asleep = False

    def stands_still(self, now: _Turn) -> bool:
        """Raises NotNow when it had no chance to answer."""
        if now != self._last:
            self._last, self._since = now, monotonic()
        self.asleep = now.state in "SD" and monotonic() - self._since > ASLEEP_S
        if self.asleep or now.ran_s - self._before.ran_s > IN_C_CODE_S:
            return True
        if monotonic() < self._deadline:
            return False
        if now.state == "S" and now.switches - self._before.switches > _TURNS:
            return True  # it waits for the interpreter's lock, again and again
        raise NotNow(_("it has had no processor to write its stack"))

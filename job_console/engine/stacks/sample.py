"""Takes one sample of an armed process, from another process on its host."""

from __future__ import annotations

import os
from dataclasses import replace
from threading import Lock
from time import monotonic, sleep, time

from ..messages import _
from ..models.stacks import Armed, Process, Sample, Stack
from . import files, frames, process, safe_point

#: The handler writes some kilobytes; on a machine that is busy its thread waits for its turn first.
DUMP_S = 2.0
DUMP_BYTES = 256 * 1024
#: A thread that reads or writes files is in the kernel often, but only for moments: so long is waited for it.
KERNEL_S = 0.1
_POLL_S = 0.002
#: A thread that has slept for less may be about to wake, like the threads of a pool between two tasks.
ASLEEP_S = 0.5


#: Two threads of a reader must not read at once: a process writes all its stacks into the same file.
_reading = Lock()


class NoStack(Exception):
    """Why there is no stack, as a sentence for people."""


def take(armed: Armed, stacks: bool = True, since: Sample | None = None) -> Sample | None:
    """A sample. None: the process is gone. `stacks` False: read /proc only, and send no signal.

    `since`: an earlier sample; then the stacks of the other threads are read too, if none of them has run since.
    """
    found = process.read(armed.pid) if process.born(armed.pid) == armed.born else None
    if found is None:
        return None
    found = replace(found, threads=tuple(replace(each, serves=each.tid in armed.servants) for each in found.threads))
    if not stacks:
        return Sample(time(), found)
    try:
        return Sample(time(), found, _stacks(armed, found, since))
    except (NoStack, safe_point.NotNow) as problem:
        return Sample(time(), found, problem=str(problem))
    except OSError as error:
        return Sample(time(), found, problem=_("its stack cannot be read ({strerror})").format(strerror=error.strerror))


def _stacks(armed: Armed, found: Process, since: Sample | None) -> tuple[Stack, ...]:
    """Raises NoStack, OSError."""
    if found.state in "Tt":
        raise NoStack(_("it is stopped, and writes its stack when it goes on"))
    with (
        _reading,
        process.handle(armed.pid, armed.born) as handle,
        files.opened(armed.pid, armed.fd, files.STACKS) as file,
    ):
        if handle is None:
            raise NoStack(_("it is gone"))
        if file is None:
            raise NoStack(_("it has closed the file that its stack is written to"))
        _wait_for_kernel(armed)
        threads = since if len(found.threads) > 1 else None
        stacks = safe_point.ask(armed, handle)
        if stacks is not None:
            asleep = threads is not None and process.others_slept(armed.pid, threads.process)
            return stacks[: frames.THREADS] if asleep else stacks[:1]
        main = frames.parse(_dump(armed, armed.signal, handle, file))
        others = _others(armed, handle, file, threads) if threads else ()
        return (*main, *others)[: frames.THREADS]


def _wait_for_kernel(armed: Armed) -> None:
    deadline = monotonic() + KERNEL_S
    while process.in_kernel(armed.pid):
        if monotonic() > deadline:
            raise NoStack(_("it is in the kernel, and does not take a signal"))
        sleep(_POLL_S)


def _others(armed: Armed, handle: int, file: int, since: Sample) -> tuple[Stack, ...]:
    """The stacks of the other threads. (): one of them has run, and a stack must not be read while it changes
    (`arming`).

    A thread may still wake between the last check and the last line that is written, if what it has waited for, for a
    second or longer, comes in that fraction of a millisecond (longer, when the main thread has to wait for a
    processor). That could crash the process. So this is only done when somebody asks about this one job, and never on
    the reader's rounds.
    """
    if not armed.all_threads or time() - since.at < ASLEEP_S:
        return ()
    try:
        text = _dump(armed, armed.all_threads, handle, file, since)
    except NoStack:
        return ()
    if not process.others_slept(armed.pid, since.process):  # what was read may be in pieces
        return ()
    return tuple(stack for stack in frames.parse(text) if not stack.main)


def _dump(armed: Armed, number: int, handle: int, file: int, since: Sample | None = None) -> str:
    """The text that the handler of this signal writes. `since`: raise NoStack when another thread has run since.

    The handler writes to the number of the descriptor, so it is checked just before that it still leads to our file.
    """
    if not process.catches(armed.pid, number):
        raise NoStack(_("it does not listen for the signal any more"))
    if process.handling(armed.pid, number):
        raise NoStack(_("its main thread does not take the signal now"))
    os.ftruncate(file, 0)
    if not files.is_ours(armed.fd, files.STACKS, armed.pid):
        raise NoStack(_("it has closed the file that its stack is written to"))
    if since and not process.others_slept(armed.pid, since.process):
        raise NoStack(_("its other threads run"))
    process.send(handle, armed.pid, number)
    return _dumped(armed, number, file)


def _dumped(armed: Armed, number: int, file: int) -> str:
    """The dump, once the handler has ended: an incomplete one would name another place.

    The handler is checked before the file is read: between taking a signal and blocking it the kernel shows neither,
    but then nothing is written yet.
    """
    deadline = monotonic() + DUMP_S
    while not os.fstat(file).st_size or process.handling(armed.pid, number):
        if monotonic() > deadline:
            raise NoStack(_("it has not taken the signal in time"))
        sleep(_POLL_S)
    return os.pread(file, DUMP_BYTES, 0).decode("utf-8", "replace")

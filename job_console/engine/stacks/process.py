"""Reads a process from /proc (proc(5)), which does not disturb it."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import CLOCK_BOOTTIME, clock_gettime, time

from ..models.stacks import Process, Thread
from . import waits

#: How many threads are read one by one.
THREADS = 64
#: musl has none.
_tgkill = getattr(ctypes.CDLL(None, use_errno=True), "tgkill", None)


def born(pid: int) -> int | None:
    """The start time of a process, in clock ticks after boot; None when there is no such process."""
    fields = _stat(Path(f"/proc/{pid}"))
    return int(fields[19]) if fields else None


def began_at(born: int) -> float:
    """A process's start (`born`) as the clock of this host shows it now: seconds."""
    return time() - clock_gettime(CLOCK_BOOTTIME) + born / _ticks()


def lives(pid: int) -> bool:
    """False when it is gone, or a zombie."""
    fields = _stat(Path(f"/proc/{pid}"))
    return fields is not None and fields[0] not in "ZX"


def read(pid: int) -> Process | None:
    """The process as it is now. None: it is gone, or a zombie."""
    folder = Path(f"/proc/{pid}")
    fields = _stat(folder)
    if fields is None or fields[0] in "ZX":
        return None
    status = _status(folder)
    threads = [thread for tid in _tids(folder)[:THREADS] if (thread := _thread(pid, tid))]
    return Process(
        state=fields[0],
        cpu_s=_cpu_s(fields),
        rss_bytes=_kilobytes(status.get("VmRSS")),
        peak_bytes=_kilobytes(status.get("VmHWM")),
        threads=tuple(threads),
        queued_s=_queued_s(folder),
        more_threads=max(int(fields[17]) - len(threads), 0),
    )


def memory(pid: int) -> int | None:
    """Its resident memory in bytes, with what it shares with others. None: it cannot be read."""
    return _kilobytes(_status(Path(f"/proc/{pid}")).get("VmRSS")) or None


@contextmanager
def handle(pid: int, birth: int) -> Iterator[int | None]:
    """A handle of that very process (pidfd_open(2)), since another process may get its pid. None: it is gone."""
    try:
        opened = os.pidfd_open(pid)
    except OSError:
        yield None
        return
    try:
        yield opened if born(pid) == birth else None
    finally:
        os.close(opened)


def catches(pid: int, number: int) -> bool:
    """Whether the process has a handler for this signal; without one, the signal would kill it."""
    return _has(_status(Path(f"/proc/{pid}")).get("SigCgt"), number)


def handling(pid: int, number: int) -> bool:
    """Whether this signal is on its way to the main thread, or its handler runs: while it does, it blocks the signal.

    The kernel gives a process's signals to its main thread, unless that blocks them. What others block is no matter.
    """
    status = _status(Path(f"/proc/{pid}"))
    return any(_has(status.get(name), number) for name in ("ShdPnd", "SigPnd", "SigBlk"))


def in_kernel(pid: int) -> bool:
    """Whether its main thread is in an uninterruptible wait, as a rule for a disk."""
    fields = _stat(Path(f"/proc/{pid}"))
    return fields is not None and fields[0] == "D"


def turn(pid: int) -> tuple[str, int, float]:
    """Of the main thread: its state, its number of context switches, and its processor time in seconds."""
    folder = Path(f"/proc/{pid}/task/{pid}")
    return (*_turn(folder), _ran_s(folder))


def send(handle: int, pid: int, number: int) -> None:
    """Send a signal to the main thread (tgkill(2)). A signal to the process would go to another thread while the main
    one has an earlier signal pending (`complete_signal` in the kernel's signal.c).

    Raises ProcessLookupError.
    """
    if _tgkill is None:
        signal.pidfd_send_signal(handle, number)
        return
    signal.pidfd_send_signal(handle, 0)  # that very process is there, so its pid still means it
    if _tgkill(pid, pid, number):
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def others_slept(pid: int, since: Process) -> bool:
    """Whether all threads except the main one slept at `since`, sleep now, and have not run in between."""
    folder = Path(f"/proc/{pid}")
    then = {thread.tid: (thread.state, thread.switches) for thread in since.threads[1:]}
    tids = _tids(folder)[1:]
    if since.more_threads or len(tids) != len(then) or any(state != "S" for state, _switches in then.values()):
        return False
    return all(_turn(folder / "task" / str(tid)) == then.get(tid) for tid in tids)


def memory_kills() -> int:
    """How many processes the kernel of this machine has killed since boot because it was out of memory."""
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def _thread(pid: int, tid: int) -> Thread | None:
    folder = Path(f"/proc/{pid}/task/{tid}")
    fields = _stat(folder)
    if fields is None:
        return None
    waiting = waits.of(pid, tid) if fields[0] in "SD" else None
    return Thread(tid, fields[0], _cpu_s(fields), _switches(_status(folder)), waiting)


def _tids(folder: Path) -> list[int]:
    """The main thread has the lowest place: its id is the process's."""
    try:
        found = [int(entry.name) for entry in (folder / "task").iterdir()]
    except OSError:
        return []
    return sorted(found, key=lambda tid: (str(tid) != folder.name, tid))


def _turn(folder: Path) -> tuple[str, int]:
    """The state of a thread and its number of context switches, from one read, so that both are of the same moment."""
    status = _status(folder)
    return status.get("State", "?")[0], _switches(status)


def _stat(folder: Path) -> list[str] | None:
    """Its fields from the third on: the second is a name, in brackets, that may hold anything."""
    try:
        return (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None


def _status(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / "status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    return {name: value.strip() for name, _colon, value in (line.partition(":") for line in lines)}


def _has(mask: str | None, number: int) -> bool:
    return bool(int(mask or "0", 16) >> (number - 1) & 1)


def _cpu_s(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / _ticks()


def _queued_s(folder: Path) -> float:
    """schedstat has nanoseconds on a processor, nanoseconds of waiting for one, and turns; of the main thread."""
    return _scheduled(folder, 1) or 0.0


def _ran_s(folder: Path) -> float:
    """Processor time in seconds, from clock ticks: for kernels without schedstat."""
    ran = _scheduled(folder, 0)
    return _cpu_s(_stat(folder) or ["0"] * 13) if ran is None else ran


def _scheduled(folder: Path, field: int) -> float | None:
    try:
        return int((folder / "schedstat").read_text("ascii").split()[field]) / 1e9
    except (OSError, ValueError, IndexError):
        return None


def _switches(status: dict[str, str]) -> int:
    return sum(int(status.get(name, "0")) for name in ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"))


@cache
def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK")


def _kilobytes(value: str | None) -> int:
    return int((value or "0 kB").split()[0]) * 1024

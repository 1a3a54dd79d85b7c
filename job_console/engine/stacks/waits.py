"""What a sleeping thread waits for: from its system call where the kernel shows it, else from the kernel's function.

/proc/PID/syscall and /proc/PID/mem need the right to trace the process, which hardened hosts give to its parents only;
/proc/PID/wchan needs only the same user. Of the memory nothing is read but the number of the file descriptor that the
call is about. Call numbers are from the kernel's tables for x86-64 and for the generic ABI (arm64, riscv64).
"""

from __future__ import annotations

import contextlib
import platform
import struct
from pathlib import Path

from ..models.stacks import Wait
from . import sockets

#: `endless_lock` is one that only a thread of the same process can give back, waited for without a time limit.
KINDS = ("socket", "lock", "endless_lock", "sleep", "child", "file", "pipe", "disk", "events")

_X86 = {
    "socket": (0, 1, 42, 43, 44, 45, 46, 47, 288, 299),
    "lock": (202,),
    "sleep": (35, 230),
    "child": (61, 247),
    "file": (72, 73),
    "disk": (74, 75, 76, 77, 277, 285),
    "events": (7, 23, 232, 270, 271, 281),
}
_GENERIC = {
    "socket": (63, 64, 202, 203, 206, 207, 211, 212, 242, 243),
    "lock": (98,),
    "sleep": (101, 115),
    "child": (95, 260),
    "file": (25, 32),
    "disk": (45, 46, 47, 82, 83, 84),
    "events": (22, 72, 73),
}
_CALLS = {
    number: kind
    for kind, numbers in (_X86 if platform.machine() == "x86_64" else _GENERIC).items()
    for number in numbers
}
#: poll(2) and ppoll(2): how libraries wait for a socket with a time limit, and PostgreSQL's for its server.
_POLLS = (7, 271) if platform.machine() == "x86_64" else (73,)
#: select(2) and pselect6(2).
_SELECTS = (23, 270) if platform.machine() == "x86_64" else (72,)
#: Beginnings of the names of the kernel's functions that threads sleep in.
_FUNCTIONS = (
    ("futex_", "lock"),
    ("hrtimer_nanosleep", "sleep"),
    ("do_nanosleep", "sleep"),
    ("do_wait", "child"),
    ("kernel_wait", "child"),
    ("locks_lock", "file"),
    ("flock_lock", "file"),
    ("fcntl_setlk", "file"),
    ("pipe_", "pipe"),
    ("anon_pipe", "pipe"),
    ("fifo_", "pipe"),
    ("wait_for_partner", "pipe"),
    ("unix_", "socket"),
    ("sk_", "socket"),
    ("inet_", "socket"),
    ("tcp_", "socket"),
    ("skb_", "socket"),
    ("wait_woken", "socket"),
    ("__skb_", "socket"),
    ("do_poll", "events"),
    ("poll_", "events"),
    ("do_select", "events"),
    ("ep_poll", "events"),
    ("do_epoll", "events"),
    ("io_schedule", "disk"),
    ("folio_", "disk"),
    ("rpc_", "disk"),
    ("nfs", "disk"),
    ("jbd2", "disk"),
)


def of(pid: int, tid: int) -> Wait | None:
    """What this thread waits for. None: the kernel does not tell."""
    folder = Path(f"/proc/{pid}/task/{tid}")
    call = _read(folder / "syscall").split()
    kind = _CALLS.get(int(call[0])) if call and call[0].lstrip("-").isdigit() else None
    if kind == "socket":
        return _descriptor(pid, int(call[1], 16), _read(folder / "wchan"))
    if kind == "lock" and _endless(call):
        return Wait("endless_lock")
    if kind == "events" and _of_no_files(call):
        return Wait("sleep")
    if kind == "events":
        return _polled_socket(pid, call) or Wait("events")
    if kind is None:
        kind = _kind_by(_read(folder / "wchan"))
    return Wait(kind) if kind else None


def _endless(call: list[str]) -> bool:
    """futex(2): operations with FUTEX_PRIVATE_FLAG are the process's own; the fourth argument is the time limit."""
    return bool(int(call[2], 16) & 128) and int(call[4], 16) == 0


def _of_no_files(call: list[str]) -> bool:
    """Whether select(2) is called without files: a way to sleep, used by Python before 3.11 too."""
    number, first, second = int(call[0]), int(call[1], 16), int(call[2], 16)
    return (number in _POLLS and second == 0) or (number in _SELECTS and first == 0)


def _polled_socket(pid: int, call: list[str]) -> Wait | None:
    """The one socket that the thread polls. None: it polls several files, or something else."""
    address, count = int(call[1], 16), int(call[2], 16)
    if int(call[0]) not in _POLLS or count != 1:
        return None
    with contextlib.suppress(OSError, OverflowError, struct.error), Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        memory.seek(address)
        (number,) = struct.unpack("=i", memory.read(4))
        wait = _descriptor(pid, number, "")
        # The thread may have gone on since, and the memory may hold any number.
        return wait if wait.kind == "socket" and wait.what else None
    return None


def _descriptor(pid: int, number: int, function: str) -> Wait:
    """What a descriptor is: read(2) and write(2) work on files of any kind. `function`: the kernel's function in which
    the thread sleeps.

    The file itself is not accessed (stat(2)): a file server that is gone would block the reader too.
    """
    try:
        target = str(Path(f"/proc/{pid}/fd/{number}").readlink())
    except OSError:
        return Wait("socket")
    if target.startswith("socket:["):
        return Wait("socket", *sockets.ends(pid, target[8:-1]))
    if target.startswith("pipe:[") or _kind_by(function) == "pipe":
        return Wait("pipe")
    if target.startswith("/dev/") or not target.startswith("/"):  # a terminal, inotify(7)
        return Wait("events")
    return Wait("disk", Path(target).name)


def _kind_by(function: str) -> str | None:
    return next((kind for start, kind in _FUNCTIONS if function.startswith(start)), None)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""

"""File systems with hardly any room, of those that a process works on."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import BoundedSemaphore, Thread

from ..messages import _

#: A file server that does not answer blocks the caller: so long is waited for the thread that asks.
WAIT_S = 0.5
#: How many open files are checked.
FILES = 256
#: A disk with less room counts as full: a write that fails gives back what it had taken, so some room is left.
ROOM_BYTES = 1 << 20
_one_look = BoundedSemaphore()


def full(pid: int) -> tuple[str, ...]:
    """`the disk of its folder`, of temporary files, of a file that it has open. () when that is not known in time."""
    if not _one_look.acquire(blocking=False):
        return ()  # the last one has not come back
    found: list[str] = []
    look = Thread(target=_look, args=(pid, found), daemon=True)
    look.start()
    look.join(WAIT_S)
    return () if look.is_alive() else tuple(found)


def _look(pid: int, found: list[str]) -> None:
    try:
        seen: set[int] = set()
        for path, name in _places(pid):
            with contextlib.suppress(OSError):
                device = path.stat().st_dev
                if device not in seen and _is_full(path):
                    found.append(name)
                seen.add(device)
    finally:
        _one_look.release()


def _places(pid: int) -> Iterator[tuple[Path, str]]:
    folder = Path(f"/proc/{pid}")
    yield folder / "cwd", _("the disk of its folder")
    yield folder / "root/tmp", _("the disk of temporary files")
    with contextlib.suppress(OSError):
        for entry in islice((folder / "fd").iterdir(), FILES):
            with contextlib.suppress(OSError):
                if stat.S_ISREG(entry.stat().st_mode):
                    yield entry, _("the disk of {file}").format(file=entry.readlink().name)


def _is_full(path: Path) -> bool:
    """Whether blocks or inodes are used up. Read-only file systems are always full, and some have no size: not
    these.
    """
    at = os.statvfs(path)
    if at.f_flag & os.ST_RDONLY:
        return False
    return bool((at.f_blocks and at.f_bavail * at.f_frsize < ROOM_BYTES) or (at.f_files and not at.f_favail))

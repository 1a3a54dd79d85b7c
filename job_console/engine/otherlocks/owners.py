"""Which process of this host holds a file by flock(2), as Linux tells in /proc/locks. Asking takes no lock."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path

from .models import Owner

_PROC = Path("/proc")
_COMMAND_CHARS = 80


def flocks(proc: Path = _PROC) -> Mapping[int, tuple[int, ...]] | None:
    """Processes by the inode of the file that they hold; None where the system does not tell."""
    try:
        lines = (proc / "locks").read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    found: dict[int, tuple[int, ...]] = {}
    for line in lines:
        words = line.split()
        # 7: FLOCK ADVISORY WRITE 7167 00:2f:5578892 0 EOF; with "->" in the second place for one who waits.
        if len(words) >= 6 and words[1] == "FLOCK" and words[4].isdecimal():
            inode = int(words[5].rpartition(":")[2])
            found[inode] = (*found.get(inode, ()), int(words[4]))
    return found


def owner(path: Path, held: Mapping[int, tuple[int, ...]], proc: Path = _PROC) -> Owner | None:
    """Inodes are compared without their device, which overlays and btrfs tell differently: so the process is asked."""
    for pid in held.get(path.stat().st_ino, ()):
        if _has_open(pid, path, proc):
            return Owner(pid, socket.gethostname(), _command(pid, proc))
    return None


def _has_open(pid: int, path: Path, proc: Path) -> bool:
    try:
        return any(each.samefile(path) for each in (proc / str(pid) / "fd").iterdir() if each.exists())
    except OSError:
        return True  # somebody else's process: its files are not shown to us


def started(pid: int, proc: Path = _PROC) -> datetime | None:
    """When the process began."""
    try:
        ticks = (proc / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
        boot = re.search(r"^btime (\d+)$", (proc / "stat").read_text("ascii", "replace"), re.MULTILINE)
    except (OSError, IndexError):
        return None
    if boot is None or not ticks.isdecimal():
        return None
    return datetime.fromtimestamp(int(boot[1]) + int(ticks) / os.sysconf("SC_CLK_TCK"), timezone.utc)


def _command(pid: int, proc: Path) -> str | None:
    """Program and verbs. Options and their values stay out: they name sites, and hold passwords."""
    try:
        words = (proc / str(pid) / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return None
    parts = [Path(words[0]).name]
    parts += [
        word for before, word in pairwise(words) if not before.startswith("-") and re.fullmatch(r"[a-z][a-z_-]*", word)
    ]
    return " ".join(parts)[:_COMMAND_CHARS] or None

"""Looks up the addresses of a socket in the tables of the process's own network namespace (proc_net(5))."""

from __future__ import annotations

import contextlib
import ipaddress
import sys
from itertools import islice
from pathlib import Path

#: Lines that are looked through: a busy host has many.
LINES = 20_000


def ends(pid: int, inode: str) -> tuple[str, int]:
    """(the remote address, `10.0.0.3:3306`, or a Unix socket's path; the local port); "" and 0 when not known."""
    for table in ("tcp", "tcp6"):
        for fields in _lines(Path(f"/proc/{pid}/net/{table}")):
            if len(fields) > 9 and fields[9] == inode:
                return _address(fields[2]), int(fields[1].rpartition(":")[2], 16)
    for fields in _lines(Path(f"/proc/{pid}/net/unix")):
        if len(fields) > 7 and fields[6] == inode:
            return fields[7], 0
    return "", 0


def connections(pid: int) -> dict[str, str]:
    """The process's TCP connections: remote address by local address, as `10.0.0.3:3306`. {}: they may not be read."""
    inodes, found = _inodes(pid), {}
    for table in ("tcp", "tcp6") if inodes else ():
        for fields in _lines(Path(f"/proc/{pid}/net/{table}")):
            if len(fields) > 9 and fields[9] in inodes:
                found[_address(fields[1])] = _address(fields[2])
    return found


def _inodes(pid: int) -> set[str]:
    found = set()
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # closed meanwhile
                kind, _colon, rest = str(entry.readlink()).partition(":[")
                if kind == "socket":
                    found.add(rest.rstrip("]"))
    except OSError:  # gone, or somebody else's
        pass
    return found


def _lines(table: Path) -> list[list[str]]:
    try:
        with table.open(encoding="utf-8", errors="replace") as lines:
            return [line.split() for line in islice(lines, 1, LINES)]
    except OSError:
        return []


def _address(text: str) -> str:
    """The kernel prints each 32-bit word of an address in the host's own byte order."""
    words, _colon, port = text.partition(":")
    raw = b"".join(int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8))
    address = ipaddress.ip_address(raw)
    mapped = getattr(address, "ipv4_mapped", None)
    shown = str(mapped or address)
    return f"[{shown}]:{int(port, 16)}" if ":" in shown else f"{shown}:{int(port, 16)}"

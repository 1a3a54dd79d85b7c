"""Finds the process of a worker on this host that has run no job yet, from its record and from /proc.

A record names a host and a pid, which alone proves nothing (`liveness`). One of these does, while the process is alive:

- RQ records from which address the worker was connected to Redis when it started (`ip_address`), and the process has
  the socket with this address. No other process can have it.
- Where that is not known (the user of Redis may not list clients, a Unix socket, a new connection): the process started
  just before the record was made, its command line is that of a worker, it is connected to the same server as we are,
  and no other record names the same host and pid.

The second could be wrong where containers share a host name, each with its own pids, and the worker of one and a worker
of the other that is not registered began with one pid in the same minute. A heartbeat that is later refutes it.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..rq.records import moment, text
from . import limits, process, sockets

#: Fields of a worker's record.
FIELDS = ("pid", "hostname", "birth", "ip_address")


@dataclass(frozen=True, slots=True)
class Record:
    pid: int
    host: str
    #: Seconds, by the clock of its host.
    birth: float
    address: str


def record(row: Sequence[object]) -> Record | None:
    """The record of a worker on this host. None: it is of another host, or lacks a field."""
    pid, host, birth, address = (text(each) if isinstance(each, (bytes, str)) else None for each in row)
    began = moment(birth)
    if not (pid and pid.isdecimal() and began and host == socket.gethostname()):
        return None
    return Record(int(pid), host, began.timestamp(), address or "")


def births(records: Mapping[str, Record], unknown: Sequence[str]) -> dict[str, int]:
    """The start time of the process of each of the `unknown` workers; one that cannot be recognised is left out.

    `records`: of all workers that say they are on this host.
    """
    claims = Counter(each.pid for each in records.values())
    ours = sockets.connections(os.getpid()) if unknown else {}
    found = {}
    for name in unknown:
        each = records[name]
        birth = process.born(each.pid)
        if birth is not None and process.lives(each.pid) and _is_it(each, birth, claims[each.pid], ours):
            found[name] = birth
    return found


def _is_it(each: Record, birth: int, claims: int, ours: Mapping[str, str]) -> bool:
    theirs = sockets.connections(each.pid)
    if each.address in theirs:
        return True
    before_s = each.birth - process.began_at(birth)
    just_before = -limits.RECOGNISED_CLOCK_S <= before_s <= limits.RECOGNISED_START_S
    same_server = not ours or bool(set(ours.values()) & set(theirs.values()))
    return claims == 1 and just_before and same_server and _is_a_worker(each.pid)


def _is_a_worker(pid: int) -> bool:
    """`bench worker`, `bench worker-pool`, `rq worker`, or what RQ makes of the title: `rq:worker:…`, `rq: …`."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"worker" in words or words.startswith(b"rq:")

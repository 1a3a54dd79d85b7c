"""Which process of this host is a worker that has armed no job yet: from its record, and from /proc.

A record names a host and a pid, and that alone proves nothing (`liveness`). Two things do, while the process lives:

- RQ writes down by which address Redis knew the worker when it began (`ip_address`), and the process holds the socket
  that has this address. No other process can.
- Where that is not known (a user of Redis that may not list clients, a Unix socket, a connection made anew): the
  process began just before the record did, its command line is a worker's, it has a connection to the server that we
  have one to, and no other record names the same host and pid.

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
    """None: it does not say enough, or is of another host."""
    pid, host, birth, address = (text(each) if isinstance(each, (bytes, str)) else None for each in row)
    began = moment(birth)
    if not (pid and pid.isdecimal() and began and host == socket.gethostname()):
        return None
    return Record(int(pid), host, began.timestamp(), address or "")


def births(records: Mapping[str, Record], unknown: Sequence[str]) -> dict[str, int]:
    """When the process of each of the unknown ones was born; those that cannot be recognised are left out.

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

"""Finds the process of a worker on this host that has run no job yet, from its record and from /proc.

A record names a host and a pid, which alone proves nothing (`liveness`). One of these does, while the process is alive:

- RQ records from which address the worker was connected to Redis when it started (`ip_address`), and the process has
  the socket with this address. No other process can have it.
- Where that is not known (the user of Redis may not list clients, a Unix socket, a new connection): the process started
  just before the record was made, its command line is that of a worker, it is connected to the same server as we are,
  and no other record names the same host and pid.

The second could be wrong where containers share a host name, each with its own pids, and the worker of one and a worker
of the other that is not registered began with one pid in the same minute. A heartbeat that is later refutes it.

One that was killed before anybody looked (`ended_unseen`) registered itself less than a minute ago, no process here
has its pid, or one that began later (in a container that was started again, the worker has the pid that it had before),
and the connection that RQ wrote down is closed. That could be wrong where containers share a host name,
and the worker of another one lost its first connection within its first minute. A heartbeat or a job of it refutes it.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from ..redis.link import Redis, pipelined
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


def ended_unseen(redis: Redis, records: Mapping[str, Record], unknown: Sequence[str]) -> list[str]:
    """Of the unknown ones those whose processes ended before anybody saw them. Two round trips where one may have."""
    now = time()
    may_have = [
        name
        for name in unknown
        if abs(now - records[name].birth) <= limits.UNSEEN_S and not _may_be_there(records[name])
    ]
    clients = _clients(redis) if may_have else []
    if not clients:
        return []
    names, addresses = ({each.get(field) for each in clients} for field in ("name", "addr"))
    return [
        name
        for name in may_have
        if ":" in records[name].address and not {records[name].address, name} & (names | addresses)
    ]


def _may_be_there(each: Record) -> bool:
    """Whether a process here has its pid, and did not begin after it had registered itself."""
    birth = process.born(each.pid)
    if birth is None or not process.lives(each.pid):
        return False
    return process.began_at(birth) <= each.birth + limits.RECOGNISED_CLOCK_S


def _clients(redis: Redis) -> list[dict[str, Any]]:
    """[]: this user of Redis may not list them, or there are very many."""
    pipeline = pipelined(redis)
    pipeline.info("clients")
    (said,) = pipeline.execute(raise_on_error=False)
    if not isinstance(said, dict) or int(said["connected_clients"]) > limits.CLIENTS_LISTED:
        return []
    pipeline.client_list()
    (listed,) = pipeline.execute(raise_on_error=False)
    return listed if isinstance(listed, list) else []


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

"""Takes what the jobs of a host print to Redis while they run, and what a killed one has left.

Of each process the file is opened once, and held until the job is no more: what it said last is read then. A job that
ends by itself takes that to Redis itself.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Set
from dataclasses import dataclass

from ..models.stacks import Armed
from ..output import record, ring
from ..redis.link import Redis, pipelined
from ..stacks import process

#: A job, its process by pid and birth, and when the run began.
_Key = tuple[str, int, int, float]


@dataclass
class _Held:
    file: int
    #: How many of its bytes Redis has been given.
    sent: int = 0


class Logs:
    """Of the reader, which has one thread."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._held: dict[_Key, _Held] = {}
        for path in ring.left_behind():
            path.unlink(missing_ok=True)

    def see(self, jobs: Iterable[Armed]) -> None:
        """One round trip when one of them has printed something since, else none. Raises redis-py's errors: what was
        not sent is sent the next time."""
        running = {(each.job_id, each.pid, each.born, each.log_at) for each in jobs if each.log_at}
        for key in running - self._held.keys():
            file = ring.find(key[1], key[3])
            if file is not None:
                self._held[key] = _Held(file)
        gone = self._held.keys() - running
        self._send(gone)
        for key in gone:
            self._let_go(key)

    def _let_go(self, key: _Key) -> None:
        _job_id, pid, born, _begun = key
        file = self._held.pop(key).file
        with contextlib.suppress(OSError):
            path = ring.path_of(pid)
            if process.born(pid) != born and os.path.samestat(path.stat(), os.fstat(file)):
                path.unlink()
        os.close(file)

    def _send(self, gone: Set[_Key]) -> None:
        """`gone`: not there any more. One of them that ended by itself has told Redis so, and this counts no more."""
        pipeline, sent = pipelined(self._redis), {}
        for key, held in self._held.items():
            job_id, _pid, _born, begun = key
            if key not in gone and ring.written(held.file) in (None, (begun, held.sent)):
                continue
            content = ring.read(held.file)
            if content is None or content.begun != begun or not content.written:
                continue
            if key in gone or content.written > held.sent:
                record.write(pipeline, job_id, content, record.DIED if key in gone else record.GOES_ON)
                sent[key] = content.written
        if sent:
            pipeline.execute()
        for key, count in sent.items():
            self._held[key].sent = count

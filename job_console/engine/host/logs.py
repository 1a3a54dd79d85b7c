"""Takes what the jobs of a host print to Redis while they run, and what a killed one has left.

Of each process the file is opened once, and held: it stays when the process dies, so that its last words are read then.
A job that ends by itself takes them to Redis itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Set
from dataclasses import dataclass

from ..models.stacks import Armed
from ..output import record, ring
from ..redis.link import Redis, pipelined
from ..stacks import files, process

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

    def see(self, jobs: Iterable[Armed]) -> None:
        """One round trip when one of them has printed something since, else none. Raises redis-py's errors: what was
        not sent is sent the next time."""
        running = {(each.job_id, each.pid, each.born, each.log_at): each for each in jobs if each.log_file}
        for key in running.keys() - self._held.keys():
            self._hold(key, running[key])
        gone = self._held.keys() - running.keys()
        self._send(gone)
        for key in gone:
            os.close(self._held.pop(key).file)

    def _hold(self, key: _Key, armed: Armed) -> None:
        file = files.keep(armed.pid, armed.log_file, ring.NAME)
        if file is None:
            return
        if process.born(armed.pid) == armed.born:
            self._held[key] = _Held(file)
        else:  # another process by now
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

"""A fingerprint of what a page shows: one round trip, for whoever must notice a change soon.

A look reads jobs, judges them and makes a snapshot. Equal fingerprints say that the next snapshot would be the one
before, but for what changes by time alone. One costs the server some dozen short commands, and one more for each job
that runs: of no other job anything is read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..look import limits as look_limits
from ..redis import keys
from ..redis.link import (
    Pipeline,
    Redis,
    denied,
    pipelined,
    raise_first,
    reaching_redis,
    script,
    server_time,
    wrong_type,
)
from ..rq.records import text
from . import limits


@dataclass(frozen=True, slots=True)
class Fingerprint:
    digest: str
    #: When it was taken, by the server's clock. A look that is as new as this shows what it stands for.
    at: datetime


class FingerprintReader:
    """One per notifier; not thread-safe. A new lane changes one fingerprint by its name, the next by what it holds."""

    def __init__(self, redis: Redis, queue_prefix: str = "") -> None:
        self.redis = redis
        self.queue_prefix = queue_prefix
        self._lanes: list[str] = []

    def read(self) -> Fingerprint:
        """Raises RedisUnavailable."""
        with reaching_redis():
            pipeline = pipelined(self.redis)
            pipeline.time()
            pipeline.smembers(keys.QUEUES)
            self._ask(pipeline)
            answers = pipeline.execute(raise_on_error=False)
            raise_first(answers[:1])
            raise_first(answers[1:], unless=_left_out)
        self._lanes = sorted(self._ours(answers[1]))
        content = repr([self._lanes, *map(_plain, answers[2:])])
        return Fingerprint(hashlib.blake2b(content.encode(), digest_size=12).hexdigest(), server_time(answers[0]))

    def _ask(self, pipeline: Pipeline) -> None:
        pipeline.smembers(keys.WORKERS)
        pipeline.exists(keys.SUSPENDED)
        pipeline.hgetall(keys.HOLDS)
        pipeline.hget(keys.incident_log(self.queue_prefix), keys.INCIDENTS_CHANGED)
        pipeline.eval(script("fingerprint_locks"), 1, keys.LOCKS, limits.FINGERPRINT_LOCKS, keys.LOCK_PREFIX)
        for lane in self._lanes:
            names = (keys.queue(lane), *(keys.registry(status, lane) for status in keys.REGISTRIES))
            rows = (look_limits.HEAD_ROWS, look_limits.RUNNING_ROWS)
            pipeline.eval(script("fingerprint_lane"), len(names), *names, *rows)

    def _ours(self, members: Any) -> set[str]:
        listed = members if isinstance(members, set) else ()  # of another type: `broken_key`
        names = ((text(member) or "").removeprefix(keys.QUEUE_PREFIX) for member in listed)
        return {name for name in names if name.startswith(self.queue_prefix)}


def _left_out(answer: object) -> bool:
    """Another bench's lane, or keys of ours, that our user of Redis may not read; or that hold something else."""
    return denied(answer) or wrong_type(answer)


def _plain(answer: Any) -> Any:
    if isinstance(answer, Exception):
        return None
    return sorted(answer) if isinstance(answer, set) else answer

"""Who does which duty: a lease in Redis for each, so that of all processes one does it, and not sooner than it is due.

When Redis takes no writes there are no leases. Then every process does its own duties at its own pace: that is when
somebody must be notified, and a duty may be done twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from . import keys, limits
from .link import Pipeline, Redis, pipelined, raise_first, refuses_writes, script


class Leases:
    """One per process. Thread-safe as far as it matters: two threads are then two processes."""

    def __init__(self, redis: Redis, queue_prefix: str, clock: Callable[[], float] = monotonic) -> None:
        self.redis = redis
        self.queue_prefix = queue_prefix
        self._clock = clock
        self._token = uuid.uuid4().hex
        #: Until when a duty was done, of those that were done without a lease.
        self._alone: dict[str, float] = {}

    def take(self, duties: Sequence[str]) -> list[str]:
        """Those that are due, and now ours."""
        pipeline = pipelined(self.redis)
        for key in duties:
            self._ask(pipeline, key)
        answers = pipeline.execute(raise_on_error=False)
        raise_first(answers, unless=refuses_writes)
        return [
            key
            for key, answer in zip(duties, answers, strict=True)
            if (self._alone.get(key, 0.0) <= self._clock() if refuses_writes(answer) else answer)
        ]

    def _ask(self, pipeline: Pipeline, key: str) -> None:
        lease = keys.sweep_lease(self.queue_prefix, key)
        pipeline.set(lease, self._token, nx=True, px=round(limits.SWEEP_LEASE_S * 1000))

    def end(self, pipeline: Pipeline, due_in_s: Mapping[str, float]) -> None:
        """Queue the end of leases that are ours: each duty is due again in so many seconds."""
        leases = [keys.sweep_lease(self.queue_prefix, key) for key in due_in_s]
        left = [max(round(seconds * 1000), 1) for seconds in due_in_s.values()]
        pipeline.eval(script("lease_end"), len(leases), *leases, self._token, *left)
        self._alone = {key: self._clock() + seconds for key, seconds in due_in_s.items()}

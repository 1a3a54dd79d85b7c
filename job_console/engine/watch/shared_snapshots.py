"""The newest snapshot of a site, shared by the processes of its web server: one look serves the viewers of them all.

A viewer who is notified of a change (`change_notifier`) asks for a snapshot that is as new as that. The first one to
ask looks, and stores it here; the others, in whatever process, wait some milliseconds for it. Its messages are stored
as such, for each viewer reads them in their own language. What cannot be stored (Redis takes no writes, or none from
us) each process looks at for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

from .. import messages
from ..redis import keys
from ..redis.link import Redis, answers, pipelined, server_time
from ..rq.records import moment
from . import limits

Json = dict[str, Any]
#: How often whoever waits for another one's look asks whether it is there.
_ASK_EVERY_S = 0.01


class SharedSnapshots:
    """Of one site: all its viewers see the same, and whether they may see it was decided before they come here."""

    def __init__(self, redis: Redis, queue_prefix: str, site: str) -> None:
        self.redis = redis
        self.site = site
        self._key = keys.snapshots(queue_prefix)
        self._looking = keys.looking(queue_prefix, site)

    def get(self, since: datetime | None, take: Callable[[], Json]) -> Json:
        """One that is not older than `limits.SNAPSHOT_TTL_S`, nor than `since`; else what `take` returns."""
        known = self._newest(since)
        if known is None and not self._is_my_turn():
            known = self._of_another(since)
        elif known is None:
            known = self._stored_meanwhile(since)
        return self._store(take()) if known is None else known

    def _newest(self, since: datetime | None) -> Json | None:
        pipeline = pipelined(self.redis)
        pipeline.time()
        pipeline.hget(self._key, self.site)
        clock, stored = answers(pipeline, 2)
        if isinstance(clock, Exception) or not isinstance(stored, bytes):
            return None
        at, _, snapshot = stored.partition(b"\n")
        taken = moment(at)
        if taken is None or server_time(clock) - taken >= timedelta(seconds=limits.SNAPSHOT_TTL_S):
            return None
        if since is not None and taken < since:
            return None
        found: Json = messages.loads(snapshot)
        return found

    def _is_my_turn(self) -> bool:
        """Whether this process is to look; also where that cannot be stored."""
        pipeline = pipelined(self.redis)
        pipeline.set(self._looking, 1, nx=True, px=round(limits.LOOKING_S * 1000))
        (answer,) = answers(pipeline, 1)
        return answer is not None

    def _stored_meanwhile(self, since: datetime | None) -> Json | None:
        """By whoever had the turn before us."""
        known = self._newest(since)
        if known is not None:
            answers(pipelined(self.redis).delete(self._looking), 1)
        return known

    def _of_another(self, since: datetime | None) -> Json | None:
        until = monotonic() + limits.LOOKING_S
        while monotonic() < until:
            sleep(_ASK_EVERY_S)
            if (known := self._newest(since)) is not None:
                return known
        return None

    def _store(self, snapshot: Json) -> Json:
        pipeline = pipelined(self.redis)
        pipeline.hset(self._key, self.site, f"{snapshot['at']}\n{messages.dumps(snapshot)}")
        pipeline.pexpire(self._key, round(2000 * limits.SNAPSHOT_TTL_S))
        pipeline.delete(self._looking)
        answers(pipeline, 3)
        return snapshot

"""One bench that a host does duties for: its sweeps, and whether its scheduler's process lives.

Benches of one user may share a Redis, and then they share the process that their host has for its jobs.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from ..look import limits as look_limits
from ..redis.link import Redis
from ..schedule import limits as schedule_limits

if TYPE_CHECKING:
    from ..service import Engine


class KeptBench:
    """Of the thread of duties alone."""

    def __init__(self, redis: Redis, queue_prefix: str, folder: str | None) -> None:
        self.redis = redis
        self.queue_prefix = queue_prefix
        self.folder = folder
        self._engine: Engine | None = None
        self._sweeps_at = 0.0
        self._scheduler_gone = False
        self._scheduler_held_at = float("-inf")

    def sweep(self) -> None:
        """The engine's own duties, under the leases that everybody respects. A site's own need its database."""
        if monotonic() < self._sweeps_at:
            return
        if self._engine is None:
            from ..otherlocks import BenchFolder
            from ..service import Engine  # much to load, and a host of short life never comes here

            self._engine = Engine(self.redis, self.queue_prefix)
            self._engine.folder = BenchFolder(Path(self.folder)) if self.folder else None
        self._engine.sweep()
        self._sweeps_at = monotonic() + look_limits.DUTIES_SWEEPS_S

    @property
    def settles(self) -> bool:
        """The scheduler's process went a moment ago, and whether another one comes is about to be known."""
        gone_s = monotonic() - self._scheduler_held_at
        return self._scheduler_gone and gone_s < schedule_limits.SCHEDULER_ALONE_S + look_limits.DUTIES_EVERY_S

    def see_scheduler(self) -> bool:
        """Whether its process lives, of a bench whose folder is here; True while it has just gone. The duty of the
        sweep does it every few seconds, and forever."""
        if self._engine is None or self._engine.folder is None:
            return False
        from ..watch import scheduler_process

        lives, was_gone = scheduler_process.lives(self._engine.folder.path), self._scheduler_gone
        self._scheduler_gone = lives is False
        if lives:
            self._scheduler_held_at = monotonic()
        just_gone = self._scheduler_gone and monotonic() - self._scheduler_held_at < schedule_limits.SCHEDULER_GONE_S
        if just_gone or (lives and was_gone):
            scheduler_process.publish(self.redis, self._engine.folder, bool(lives))
        return just_gone

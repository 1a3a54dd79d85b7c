"""The locks that a viewer may see and settle: Job Console's own, and what else locks on the bench."""

from __future__ import annotations

from datetime import datetime, timezone

from .. import otherlocks
from ..jobs import lock_actions
from ..wire import Json
from .context import Context


class Locks:
    def __init__(self, context: Context) -> None:
        self._context = context

    def all(self, idle: bool = False) -> Json:
        """Locks in use (`idle`: those used lately too), who waits for whom, deadlocks; and what else locks."""
        found, more = self._others(idle)
        others = [otherlocks.wire(each, _local_now()) for each in found]
        ours = lock_actions.look(self._context.engine.redis, self._context.viewer.site, idle)
        return {**ours, "others": others, "others_at_least": more}

    def show(self, key: str) -> Json:
        """Raises NoSuchLock, also for one of another site. A lock that is not ours has a `kind`."""
        other = next((each for each in self._others(idle=True)[0] if each.key == key), None)
        if other is not None:
            return otherlocks.wire(other, _local_now())
        return lock_actions.show(self._context.engine.redis, self._context.viewer.site, key)

    def release(self, key: str, reason: str, fence: int | None = None) -> Json:
        """Take a lock from its holders: what they do not commit before is rolled back. `fence`: from that one alone.

        Raises Forbidden, BadRequest, NoSuchLock, LockMoved.
        """
        self._context.require_act()
        viewer = self._context.viewer
        with self._context.changing():
            return lock_actions.release(
                self._context.engine.redis, viewer.site, viewer.name, key, reason.strip(), fence
            )

    def extend(self, key: str, seconds: float, reason: str = "", fence: int | None = None) -> Json:
        """Give the holders of a lock, or the one of this `fence`, more time.

        Raises Forbidden, BadRequest, NoSuchLock, LockMoved.
        """
        self._context.require_act()
        redis, viewer = self._context.engine.redis, self._context.viewer
        return lock_actions.extend(redis, viewer.site, viewer.name, key, seconds, reason.strip(), fence)

    def _others(self, idle: bool) -> tuple[list[otherlocks.OtherLock], bool]:
        """See `otherlocks.find`."""
        bench, folder = self._context.look().bench, self._context.engine.folder
        return otherlocks.find(bench, folder, self._context.scope, idle, _local_now())


def _local_now() -> datetime:
    """The clock of this host, which files go by."""
    return datetime.now(timezone.utc)

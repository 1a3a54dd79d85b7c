"""A lock that this process holds now: its end, how to prove it, how to give it back."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from time import monotonic

from ..errors import LockLost, RedisUnavailable
from ..link import Redis, reaching_redis
from . import steps
from .heartbeat import HEARTBEAT


class Lease:
    """One acquisition from its grant to its end. Thread-safe as far as its attributes are plain values."""

    def __init__(self, redis: Redis, wanted: steps.Wanted, held: steps.Held, asked_at: float, renewed: bool) -> None:
        self.redis = redis
        self.wanted = wanted
        self.token = held.token
        #: Local clock, counted from before we asked: the server's lease ends later than this, never before.
        self.ends_at = asked_at + wanted.ttl_s
        self.over = False
        self.lost = False
        #: When it answers True there is nothing left to protect, and the heartbeat gives the lock back.
        self.let_go_when: Callable[[], bool] | None = None
        self._pid = os.getpid()
        if renewed:
            HEARTBEAT.add(self)

    @property
    def ours(self) -> bool:
        """A forked child inherits this object, not the lock."""
        return self._pid == os.getpid()

    @property
    def held(self) -> bool:
        """As far as can be known without asking Redis."""
        return self.ours and not self.over and not self.lost and monotonic() < self.ends_at

    @property
    def ended(self) -> bool:
        """Known to be over for good."""
        return not self.ours or self.over or self.lost

    def check(self) -> None:
        """Prove that it is held, and begin its time anew. Raises LockLost; RedisUnavailable when nobody can say."""
        check_all([self])

    def renewed(self, asked_at: float, done: bool) -> None:
        if done:
            self.ends_at = max(self.ends_at, asked_at + self.wanted.ttl_s)
        else:
            self.lost = True

    def release(self) -> None:
        """Give it back. Raises LockLost when it was not held any more: somebody else may have worked meanwhile."""
        if self.over or not self.ours:
            return
        self.over = True
        HEARTBEAT.remove(self)
        try:
            with reaching_redis():
                released = steps.release(self.redis, self.wanted.name, self.wanted.id)
        except RedisUnavailable:
            # It ends by itself. That it was ours to the end, our own clock knows.
            released = monotonic() < self.ends_at
        if not released:
            self.lost = True
            raise self.gone()

    def drop(self) -> None:
        """Give it back as far as possible; what fails here ends with the lease."""
        try:
            self.release()
        except LockLost:
            return

    def gone(self) -> LockLost:
        return LockLost(
            f"The lock {self.wanted.name!r} is not held any more: its lease of {self.wanted.ttl_s:g} s ran out, or "
            "somebody released it. Another may have worked meanwhile.",
            self.wanted.name,
            self.token,
        )


def check_all(leases: Sequence[Lease]) -> None:
    """Prove that all of these are held (of one server), in one round trip, and begin their times anew.

    Raises LockLost for the first that is not; RedisUnavailable when nobody can say.
    """
    gone = next((lease for lease in leases if lease.ended), None)
    if gone is None and leases:
        asked_at = monotonic()
        with reaching_redis():
            answers = steps.renew(leases[0].redis, [lease.wanted for lease in leases])
        for lease, answer in zip(leases, answers, strict=True):
            lease.renewed(asked_at, answer)
        gone = next((lease for lease in leases if lease.lost), None)
    if gone is not None:
        raise gone.gone()

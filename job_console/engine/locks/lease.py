"""A lease that this process holds: how to prove that it is held, and how to release it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from time import monotonic
from weakref import ref

from redis.exceptions import RedisError

from ..errors import LockLost
from ..messages import _
from ..redis.link import Redis, reaching_redis
from . import steps
from .heartbeat import HEARTBEAT
from .options import LockOptions


class Lease:
    """One acquisition, from its grant to its end. Thread-safe.

    It is renewed as long as somebody has a reference to it; without one, nobody could release it, and it expires.
    """

    over = False
    lost = False
    #: Its `with` block has ended; the lease goes on until `finish`, or until its owner takes the lock again.
    kept = False
    #: Called by the heartbeat. True: there is nothing left to protect, and the lock is released.
    let_go_when: Callable[[], bool] | None = None

    def __init__(
        self,
        redis: Redis,
        wanted: steps.Wanted,
        token: steps.Token,
        asked_at: float,
        options: LockOptions,
        owner: Owner,
    ) -> None:
        self.redis = redis
        self.wanted = wanted
        self.options = options
        self.token = token
        #: When the lease ends by the local clock, counted from before the request: never later than on the server.
        self.ends_at = asked_at + wanted.ttl_s
        self._process = _process
        self._owner = owner
        self.ref = ref(self)
        if owner not in _HELD or held_by(owner) is None:
            _HELD[owner] = self.ref
        if options.renew:
            HEARTBEAT.add(self)

    @property
    def ours(self) -> bool:
        """Whether this process holds it: a forked child inherits the object, but not the lock."""
        return self._process is _process

    @property
    def held(self) -> bool:
        """Whether it is held, as far as this process knows without asking Redis."""
        return self.ours and not self.over and not self.lost and monotonic() < self.ends_at

    @property
    def ended(self) -> bool:
        """Whether it is known to have ended."""
        return not self.ours or self.over or self.lost

    def check(self) -> None:
        """Ask Redis whether it is held, and renew it. Raises LockLost; RedisUnavailable when that is not known."""
        check_all([self])

    def renewed(self, asked_at: float, done: bool) -> None:
        if done:
            self.ends_at = max(self.ends_at, asked_at + self.wanted.ttl_s)
        else:
            self.lost = True

    def release(self) -> None:
        """Release it. Raises LockLost when it had ended before: somebody else may have had the lock meanwhile."""
        if self.over or not self.ours:
            return
        self.over = True
        if _HELD.get(self._owner) is self.ref:
            _HELD.pop(self._owner, None)
        if self.options.renew:
            HEARTBEAT.remove(self)
        try:
            released = steps.release(self.redis, self.wanted.name, self.wanted.id, self.token)
        except RedisError:
            # Redis does not answer: it expires by itself. Our own clock tells whether it was held until now.
            released = monotonic() < self.ends_at
        if not released:
            self.lost = True
            raise self.gone()

    def drop(self) -> None:
        """Release it if possible, and raise nothing; otherwise it expires."""
        try:
            self.release()
        except LockLost:
            return

    def finish(self) -> None:
        """Release a lease that was kept, unless its owner has taken the lock again meanwhile."""
        if self.kept:
            self.kept = False
            self.drop()

    def gone(self) -> LockLost:
        return LockLost(
            _(
                "The lock {wanted!r} is not held any more: its lease of {ttl_s:g} s ran out, or somebody "
                "released it. Another may have worked meanwhile."
            ).format(wanted=self.wanted.name, ttl_s=self.wanted.ttl_s),
            self.wanted.name,
            self.token,
        )


#: A lock's name, and who of this process it is for: a thread, a job, a request.
Owner = tuple[str, str | int]
#: The leases of this process. Entries are set and deleted in one step each.
_HELD: dict[Owner, ref[Lease]] = {}


def held_by(owner: Owner) -> Lease | None:
    """The lease that this owner has."""
    known = _HELD.get(owner)
    lease = known and known()
    return lease if lease and lease.held else None


#: Another one in each forked child.
_process = object()


def forget_all() -> None:
    """Start as in a new process, without leases."""
    global _process
    _process = object()
    _HELD.clear()


os.register_at_fork(after_in_child=forget_all)


def check_all(leases: Sequence[Lease]) -> None:
    """Ask Redis whether all of these (of one server) are held, and renew them, in one round trip.

    Raises LockLost for the first one that is not held; RedisUnavailable when that is not known.
    """
    gone = next((lease for lease in leases if lease.ended), None)
    if gone is None and leases:
        asked_at = monotonic()
        with reaching_redis():
            answers = steps.renew(leases[0].redis, [(lease.wanted, lease.token) for lease in leases])
        for lease, answer in zip(leases, answers, strict=True):
            lease.renewed(asked_at, answer)
        gone = next((lease for lease in leases if lease.lost), None)
    if gone is not None:
        raise gone.gone()

"""Acquires and releases a lock, also when its owner holds it already (re-entrant).

with Lock(redis, "a.localhost|recalc:C-1", LockOptions(ttl_s=60, wait_s=10), Who(job_id="…")) as lock:
    … lock.token …
"""

from __future__ import annotations

import os
import threading
from types import TracebackType

from ..errors import BadRequest, LockLost, LockTimeout
from ..messages import _, joined
from ..models.locks import Who
from ..redis.link import Redis
from . import limits
from .lease import Lease, held_by
from .lock_queue import abandon, take
from .options import LockOptions


class Lock:
    """One acquisition of one lock. Not thread-safe: each thread makes its own."""

    def __init__(self, redis: Redis, name: str, options: LockOptions | None = None, who: Who | None = None) -> None:
        if not name or len(name) > limits.LOCK_NAME_CHARS:
            raise BadRequest(
                _("A lock's name has 1 to {lock_name_chars} characters.").format(lock_name_chars=limits.LOCK_NAME_CHARS)
            )
        self.redis = redis
        self.name = name
        self.options = options or LockOptions()
        self.who = who
        self.options.check()
        self._lease: Lease | None = None
        self._inside = False
        self._owner = (name, self.options.owner or threading.get_ident())

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.release()
        else:
            self.drop()

    @property
    def lease(self) -> Lease:
        if self._lease is None:
            raise LockLost(
                _("The lock {name!r} is not held: it was never taken, or given back.").format(name=self.name),
                self.name,
                0,
            )
        return self._lease

    @property
    def token(self) -> int:
        """The fencing token: it grows with every acquisition of this lock. Pass it to systems that refuse older
        ones.
        """
        return self.lease.token

    @property
    def inside(self) -> bool:
        """Whether an outer block of the same owner holds the lease, and will end it."""
        return self._inside

    @property
    def held(self) -> bool:
        """Whether it is held, as far as this process knows without asking Redis."""
        return self._lease is not None and self._lease.held

    def check(self) -> None:
        """Ask Redis whether it is held, and renew it. Raises LockLost."""
        self.lease.check()

    def acquire(self) -> None:
        """Take the lock. Raises LockTimeout, which names the holders, when it is not free in time."""
        if self._lease is not None:
            raise BadRequest(
                _("This lock on {name!r} is held already; make another one to enter again.").format(name=self.name)
            )
        outer = held_by(self._owner)
        if outer is None:
            self._lease = self._take(self.options.wait_s)
        elif not self._enter(outer):
            self._lease = self._take_another()

    def _take_another(self) -> Lease:
        if not self.options.shared:
            return self._take(self.options.wait_s)
        try:
            return self._take(wait_s=0)
        except LockTimeout as error:
            # All who stand in line by now wait, in the end, for the lease that we have.
            raise self._for_ever(_("Somebody who wants it alone stands in line."), covered=True) from error

    def _take(self, wait_s: float) -> Lease:
        wanted = self.options.wanted(self.name, os.urandom(12).hex(), self.who)
        try:
            token, asked_at = take(self.redis, wanted, wait_s, self.who.site if self.who else None)
            return Lease(self.redis, wanted, token, asked_at, self.options, self._owner)
        except LockTimeout:
            raise
        except BaseException:
            abandon(self.redis, wanted)
            raise

    def _enter(self, outer: Lease) -> bool:
        """Whether the lease of the outer block serves for this one too. False: this one needs a slot of its own. Raises
        LockTimeout when the caller would wait for itself.
        """
        covered = outer.options.exclusive or (outer.options.shared and self.options.shared)
        if outer.kept and (covered or outer.options == self.options):
            outer.kept = False
            self._lease = outer
            return True
        if self.options.reentrant and covered:
            self._lease, self._inside = outer, True
            return True
        both = (self.options, outer.options)
        if not outer.kept and (all(options.shared for options in both) or all(options.slots > 1 for options in both)):
            return False
        raise self._for_ever("", covered, outer.kept)

    def _for_ever(self, why: str, covered: bool, kept: bool = False) -> LockTimeout:
        """The error of a caller that would wait for itself, with advice. `covered`: the lease that it has would do."""
        if covered:
            helps = _("To enter again, ask for it with reentrant=True.")
        elif kept:
            helps = _(
                "It keeps it in another form until it commits or rolls back: do that first, or take it alone at once."
            )
        else:
            helps = _("It has it in another form: take it alone from the beginning.")
        text = _("The lock {name!r} is held by the caller itself, who would wait for itself for ever.").format(
            name=self.name
        )
        return LockTimeout(joined((text, why, helps)), self.name)

    def release(self) -> None:
        """Release the lock. Raises LockLost when it was not held any more."""
        lease = self._leave()
        if lease is not None:
            lease.release()

    def drop(self) -> None:
        """Release the lock while another exception is raised; this raises nothing."""
        lease = self._leave()
        if lease is not None:
            lease.drop()

    def keep(self) -> Lease | None:
        """End the block, but hold the lease until `Lease.finish`, or until the same owner takes the lock again.

        None: there is nothing to keep, as an outer block holds the lease.
        """
        lease = self._leave()
        if lease is not None:
            lease.kept = True
        return lease

    def _leave(self) -> Lease | None:
        """The lease that this block has to end; None when an outer block holds it."""
        lease, self._lease = self._lease, None
        inside, self._inside = self._inside, False
        return None if inside else lease

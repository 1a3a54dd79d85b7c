"""Taking a lock and giving it back; and the same owner coming again.

with Lock(redis, "a.localhost|recalc:C-1", LockOptions(ttl_s=60, wait_s=10), Who(job_id="…")) as lock:
    … lock.token …
"""

from __future__ import annotations

import os
import threading
from types import TracebackType

from ..errors import BadRequest, LockLost, LockTimeout
from ..models.locks import Who
from ..redis.link import Redis
from . import limits
from .lease import Lease, held_by
from .lock_queue import abandon, take
from .options import LockOptions


class Lock:
    """One acquisition of one lock. Not for several threads at once; each makes its own."""

    def __init__(self, redis: Redis, name: str, options: LockOptions | None = None, who: Who | None = None) -> None:
        if not name or len(name) > limits.LOCK_NAME_CHARS:
            raise BadRequest(f"A lock's name has 1 to {limits.LOCK_NAME_CHARS} characters.")
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
            raise LockLost(f"The lock {self.name!r} is not held: it was never taken, or given back.", self.name, 0)
        return self._lease

    @property
    def token(self) -> int:
        """Grows with every acquisition of this lock, for ever. Give it to systems that can refuse an older one."""
        return self.lease.token

    @property
    def inside(self) -> bool:
        """An outer block of the same owner has the lease, and ends it."""
        return self._inside

    @property
    def held(self) -> bool:
        """As far as can be known without asking Redis."""
        return self._lease is not None and self._lease.held

    def check(self) -> None:
        """Ask Redis; the lease then begins anew. Raises LockLost."""
        self.lease.check()

    def acquire(self) -> None:
        """Raises LockTimeout, naming the holders, when it cannot be had in time."""
        if self._lease is not None:
            raise BadRequest(f"This lock on {self.name!r} is held already; make another one to enter again.")
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
            raise self._for_ever("Somebody who wants it alone stands in line.", covered=True) from error

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
        """Whether the caller's own lease will do; no: it is one of several that there may be. Raises LockTimeout."""
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
        """With what helps: `covered` by the lease that the caller has."""
        if covered:
            helps = "To enter again, ask for it with reentrant=True."
        elif kept:
            helps = (
                "It keeps it in another form until it commits or rolls back: do that first, or take it alone at once."
            )
        else:
            helps = "It has it in another form: take it alone from the beginning."
        text = f"The lock {self.name!r} is held by the caller itself, who would wait for itself for ever."
        return LockTimeout(" ".join(filter(None, (text, why, helps))), self.name)

    def release(self) -> None:
        """Raises LockLost when it was not held any more."""
        lease = self._leave()
        if lease is not None:
            lease.release()

    def drop(self) -> None:
        """Give it back while another exception is on its way: nothing is raised on top of it."""
        lease = self._leave()
        if lease is not None:
            lease.drop()

    def keep(self) -> Lease | None:
        """Leave the block and hold on to the lease: until `Lease.finish`, or until the same owner takes it again.

        None when there is nothing to keep: an outer block goes on with it.
        """
        lease = self._leave()
        if lease is not None:
            lease.kept = True
        return lease

    def _leave(self) -> Lease | None:
        """The lease that this block has to end; None when an outer block goes on with it."""
        lease, self._lease = self._lease, None
        inside, self._inside = self._inside, False
        return None if inside else lease

"""Taking a lock: the line, the time limit, who asks, and the same owner coming again.

with Lock(redis, "a.localhost|recalc:C-1", Terms(ttl_s=60, wait_s=10), Who(job_id="…")) as lock:
    … lock.token …
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, fields
from time import monotonic, sleep
from types import TracebackType
from uuid import uuid4

from .. import limits
from ..errors import BadRequest, LockLost, LockTimeout, RedisUnavailable
from ..link import Redis, reaching_redis
from . import models, steps
from .lease import Lease
from .models import Who

_AGAIN_S = 0.25
_WHO = tuple(each.name for each in fields(Who))


@dataclass(frozen=True, slots=True)
class Terms:
    """How a lock is wanted. `owner` (of a job, of a request) may come again when the lock is re-entrant."""

    ttl_s: float = 60.0
    wait_s: float = 10.0
    renew: bool = True
    shared: bool = False
    slots: int = 1
    reentrant: bool = False
    owner: str | None = None

    def __post_init__(self) -> None:
        if not limits.LOCK_TTL_MIN_S <= self.ttl_s <= limits.LOCK_TTL_MAX_S:
            raise BadRequest(f"A lease lasts {limits.LOCK_TTL_MIN_S:g} to {limits.LOCK_TTL_MAX_S:g} s.")
        if not 0 <= self.wait_s <= limits.LOCK_TTL_MAX_S:
            raise BadRequest(f"Waiting takes 0 to {limits.LOCK_TTL_MAX_S:g} s.")
        if not 1 <= self.slots <= limits.LOCK_SLOTS_MAX:
            raise BadRequest(f"A counted lock has 1 to {limits.LOCK_SLOTS_MAX} slots.")
        if self.shared and self.slots != 1:
            raise BadRequest("A lock is shared or counted, not both.")

    @property
    def exclusive(self) -> bool:
        return not self.shared and self.slots == 1


class Lock:
    """One wish for one lock. Not for several threads at once; each makes its own."""

    def __init__(self, redis: Redis, name: str, terms: Terms | None = None, who: Who | None = None) -> None:
        if not name or len(name) > limits.LOCK_NAME_CHARS:
            raise BadRequest(f"A lock's name has 1 to {limits.LOCK_NAME_CHARS} characters.")
        self.redis = redis
        self.name = name
        self.terms = terms or Terms()
        self.who = who or Who()
        self._lease: Lease | None = None
        self._inside = False
        self._owner = (name, self.terms.owner or f"thread {threading.get_ident()}")

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
        outer = _ENTERED.get(self._owner)
        if outer is None or not outer.lease.held:
            outer = None
        elif not self._enter(outer):
            raise LockTimeout(
                f"The lock {self.name!r} is held by the caller itself, who would wait for itself for ever. "
                "To enter again, ask for it with reentrant=True.",
                self.name,
            )
        if self._lease is None:
            self._lease = self._wait(uuid4().hex)
            if outer is None:
                _ENTERED[self._owner] = Entry(self._lease, self.terms)

    def _enter(self, outer: Entry) -> bool:
        """Whether the caller's own lock is no obstacle: kept, entered again, or one of several slots."""
        covered = outer.terms.exclusive or (outer.terms.shared and self.terms.shared)
        if outer.kept and (covered or outer.terms == self.terms):
            outer.kept = False
            self._lease = outer.lease
            return True
        if self.terms.reentrant and covered:
            self._lease, self._inside = outer.lease, True
            return True
        both = (self.terms, outer.terms)
        return not outer.kept and (all(terms.shared for terms in both) or all(terms.slots > 1 for terms in both))

    def release(self) -> None:
        """Raises LockLost when it was not held any more."""
        lease = self._give_up()
        if lease is not None:
            lease.release()

    def drop(self) -> None:
        """Give it back while another exception is on its way: nothing is raised on top of it."""
        lease = self._give_up()
        if lease is not None:
            lease.drop()

    def keep(self) -> Entry | None:
        """Leave the block and hold on to the lease: until `Entry.finish`, or until the same owner takes it again.

        None when there is nothing to keep: an outer block goes on with it.
        """
        if self._inside or self._lease is None:
            self.drop()
            return None
        entry = _ENTERED.get(self._owner)
        if entry is None or entry.lease is not self._lease:
            entry = Entry(self._lease, self.terms)
        else:
            entry.owner = self._owner
        self._lease, entry.kept = None, True
        return entry

    def _give_up(self) -> Lease | None:
        """The lease that has to end now; None when an outer block goes on with it."""
        lease, self._lease = self._lease, None
        inside, self._inside = self._inside, False
        if lease is None or inside:
            return None
        entry = _ENTERED.get(self._owner)
        if entry is not None and entry.lease is lease:
            del _ENTERED[self._owner]
        return lease

    def _wait(self, lease_id: str) -> Lease:
        wanted = steps.Wanted(
            self.name, lease_id, self.terms.ttl_s, steps.SHARED if self.terms.shared else steps.COUNTED,
            self.terms.slots, _info(self.who),
        )  # fmt: skip
        line = _Line(self.redis, wanted, monotonic() + self.terms.wait_s)
        try:
            held, asked_at = line.stand()
        except BaseException:
            line.abandon()
            raise
        if isinstance(held, steps.Busy):
            raise _timeout(self.name, self.terms.wait_s, held)
        return Lease(self.redis, wanted, held, asked_at, self.terms.renew)


@dataclass(slots=True)
class Entry:
    """A lock that an owner in this process has."""

    lease: Lease
    terms: Terms
    kept: bool = False
    owner: tuple[str, str] | None = None

    def finish(self) -> None:
        """Give back what was kept, unless its owner has taken it again meanwhile."""
        if self.kept:
            self.kept = False
            if self.owner is not None and _ENTERED.get(self.owner) is self:
                del _ENTERED[self.owner]
            self.lease.drop()


#: What this process holds, by name and owner. Entries are set and deleted in one step each.
_ENTERED: dict[tuple[str, str], Entry] = {}
os.register_at_fork(after_in_child=_ENTERED.clear)


class _Line:
    """Standing in line, once."""

    def __init__(self, redis: Redis, wanted: steps.Wanted, deadline: float) -> None:
        self.redis = redis
        self.wanted = wanted
        self.deadline = deadline
        self.in_line = False

    def stand(self) -> tuple[steps.Held | steps.Busy, float]:
        """The lock, with the local time before we asked for it; or those who have it, when our time is over."""
        while True:
            asked_at = monotonic()
            try:
                with reaching_redis():
                    answer = self._ask(asked_at)
                if not isinstance(answer, steps.Wait):
                    return answer, asked_at
                with reaching_redis():
                    steps.wait_for_turn(self.redis, self.wanted.id, min(answer.nap_s, self.deadline - monotonic()))
            except RedisUnavailable:
                # Who stands in line outlasts a restart; who just came had better hear of it.
                if not self.in_line or monotonic() >= self.deadline:
                    raise
                sleep(min(_AGAIN_S, max(self.deadline - monotonic(), 0)))

    def _ask(self, now: float) -> steps.Held | steps.Wait | steps.Busy:
        if self.in_line and now >= self.deadline:
            return steps.leave(self.redis, self.wanted.name, self.wanted.id, still_wanted=True)
        answer = steps.acquire(self.redis, self.wanted, max(self.deadline - now, 0))
        self.in_line = self.in_line or isinstance(answer, steps.Wait)
        return answer

    def abandon(self) -> None:
        """After whatever went wrong: what we may have been given meanwhile goes to the next."""
        try:
            with reaching_redis():
                steps.leave(self.redis, self.wanted.name, self.wanted.id, still_wanted=False)
        except RedisUnavailable:
            return


def _timeout(name: str, waited_s: float, busy: steps.Busy) -> LockTimeout:
    holders = tuple(filter(None, (models.holder("", row) for row in busy.holders)))
    if holders:
        people = "; ".join(f"{each.who} since {each.since:%Y-%m-%d %H:%M:%S} UTC" for each in holders[:3])
        more = f" and {len(holders) - 3} more" if len(holders) > 3 else ""
        text = f"The lock {name!r} could not be had within {waited_s:g} s. It is held by {people}{more}."
    else:
        text = f"The lock {name!r} could not be had within {waited_s:g} s: others stand in line before us."
    return LockTimeout(text, name, waited_s, holders)


def _info(who: Who) -> str:
    said = {name: value for name in _WHO if (value := getattr(who, name)) is not None}
    short = {name: value[: limits.LOCK_TEXT_CHARS] if isinstance(value, str) else value for name, value in said.items()}
    return json.dumps(short, separators=(",", ":"))

"""Renews what this process holds: one daemon thread for all locks, started by the first, gone when none is left."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from itertools import groupby
from time import monotonic
from typing import TYPE_CHECKING

from .. import limits
from ..errors import RedisUnavailable
from ..link import reaching_redis
from . import steps

if TYPE_CHECKING:
    from .lease import Lease

#: The thread outlives the last lock by this, so that a process that locks often does not start one each time.
LINGER_S = 10.0
#: After a renewal that failed, as a share of the lease.
_AGAIN_SHARE = 0.05


class Heartbeat:
    """Thread-safe. A forked child begins with none: the parent's leases are the parent's."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._due: dict[Lease, float] = {}
        self._thread: threading.Thread | None = None
        self._sleeps_until = 0.0

    def add(self, lease: Lease) -> None:
        with self._changed:
            due = lease.ends_at - lease.wanted.ttl_s * (1 - 1 / limits.LOCK_RENEWALS)
            self._due[lease] = due
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="job_console-locks", daemon=True)
                self._thread.start()
            elif due < self._sleeps_until:
                self._changed.notify()

    def remove(self, lease: Lease) -> None:
        with self._changed:
            self._due.pop(lease, None)

    def stop(self, patience_s: float = 5.0) -> None:
        """Forget all leases and end the thread."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._due.clear()
            self._changed.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join(patience_s)

    @property
    def running(self) -> bool:
        return self._thread is not None

    def _run(self) -> None:
        me = threading.current_thread()
        idle_since = monotonic()
        while True:
            with self._changed:
                if self._thread is not me:
                    return
                now = monotonic()
                if self._due:
                    idle_since = now
                elif now - idle_since >= LINGER_S:
                    self._thread = None
                    return
                self._sleeps_until = min(self._due.values(), default=idle_since + LINGER_S)
                if self._sleeps_until > now:
                    self._changed.wait(self._sleeps_until - now)
                    continue
                due = [lease for lease, at in self._due.items() if at <= now]
            self._beat(due)

    def _beat(self, leases: Iterable[Lease]) -> None:
        wanted = []
        for lease in leases:
            if _let_go(lease):
                lease.drop()
            else:
                wanted.append(lease)
        for _, group in groupby(sorted(wanted, key=lambda lease: id(lease.redis)), key=lambda lease: id(lease.redis)):
            self._renew(list(group))

    def _renew(self, leases: list[Lease]) -> None:
        """All of one server in one round trip. When it does not answer: again, soon, until the leases are over."""
        asked_at = monotonic()
        answers: list[bool | None]
        try:
            with reaching_redis():
                answers = [*steps.renew(leases[0].redis, [lease.wanted for lease in leases])]
        except RedisUnavailable:
            answers = [None] * len(leases)
        now = monotonic()
        with self._changed:
            for lease, answer in zip(leases, answers, strict=True):
                if lease not in self._due:  # released meanwhile
                    continue
                if answer is None:
                    lease.lost = lease.lost or now >= lease.ends_at
                    self._due[lease] = now + max(lease.wanted.ttl_s * _AGAIN_SHARE, 0.02)
                else:
                    lease.renewed(asked_at, answer)
                    self._due[lease] = asked_at + lease.wanted.ttl_s / limits.LOCK_RENEWALS
                if lease.lost:
                    del self._due[lease]


def _let_go(lease: Lease) -> bool:
    try:
        return lease.let_go_when is not None and lease.let_go_when()
    except Exception:
        return False


HEARTBEAT = Heartbeat()
os.register_at_fork(after_in_child=HEARTBEAT._begin)

"""Renews the leases of this process: one daemon thread for all of its locks, which ends when there are none."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from itertools import groupby
from time import monotonic
from typing import Any, Protocol
from weakref import ref

from ..redis.link import Redis, reaching_redis
from . import limits, steps

#: How long the thread waits for another lock after the last one, so that a process that locks often keeps its thread.
LINGER_S = 10.0
#: The delay after a failed renewal, as a share of the lease.
_AGAIN_SHARE = 0.05


class Renewed(Protocol):
    """What is renewed: a `lease.Lease`."""

    lost: bool
    over: bool
    let_go_when: Callable[[], bool] | None

    @property
    def ref(self) -> ref[Any]: ...
    @property
    def redis(self) -> Redis: ...
    @property
    def wanted(self) -> steps.Wanted: ...
    @property
    def token(self) -> steps.Token: ...
    @property
    def ends_at(self) -> float: ...

    def renewed(self, asked_at: float, done: bool) -> None: ...
    def drop(self) -> None: ...


class Heartbeat:
    """Thread-safe. A forked child starts without leases: those of its parent are not its own."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._mutex = threading.Lock()
        self._changed = threading.Condition(self._mutex)
        self._due: dict[ref[Any], float] = {}
        self._thread: threading.Thread | None = None
        self._sleeps_until = 0.0

    def add(self, lease: Renewed) -> None:
        with self._mutex:
            due = lease.ends_at - lease.wanted.ttl_s * (1 - 1 / limits.LOCK_RENEWALS)
            self._due[lease.ref] = due
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="job_console-locks", daemon=True)
                self._thread.start()
            elif due < self._sleeps_until:
                self._changed.notify()

    def remove(self, lease: Renewed) -> None:
        with self._mutex:
            self._due.pop(lease.ref, None)

    def stop(self, patience_s: float = 5.0) -> None:
        """Forget all leases and end the thread."""
        with self._mutex:
            thread, self._thread = self._thread, None
            self._due.clear()
            self._changed.notify()
        if thread is not None and thread is not threading.current_thread():
            thread.join(patience_s)

    @property
    def running(self) -> bool:
        return self._thread is not None

    def _run(self) -> None:
        try:
            while self._sleep():
                self._beat()
        finally:
            with self._mutex:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _sleep(self) -> bool:
        """Wait until a renewal is due. False: the thread is to end, as there is no lease, or another thread."""
        idle_since = monotonic()
        with self._mutex:
            while self._thread is threading.current_thread():
                now = monotonic()
                self._sleeps_until = min(self._due.values(), default=idle_since + LINGER_S)
                if self._sleeps_until <= now:
                    return bool(self._due)
                self._changed.wait(self._sleeps_until - now)
                if self._due:
                    idle_since = monotonic()
        return False

    def _beat(self) -> None:
        """Renew what is due. The heartbeat keeps only weak references, so a lease that nobody refers to any
        more ends.
        """
        wanted = [lease for lease in self._take_due() if not _let_go(lease)]
        for _, group in groupby(sorted(wanted, key=lambda lease: id(lease.redis)), key=lambda lease: id(lease.redis)):
            self._renew(list(group))

    def _take_due(self) -> list[Renewed]:
        with self._mutex:
            now = monotonic()
            due = [(known, known()) for known, at in self._due.items() if at <= now]
            for known, lease in due:
                if lease is None:
                    del self._due[known]
        return [lease for _known, lease in due if lease is not None]

    def _renew(self, leases: list[Renewed]) -> None:
        """Renew all leases of one server in one round trip. When it does not answer, try again until they have
        ended.
        """
        asked_at = monotonic()
        answers: list[bool | None]
        try:
            with reaching_redis():
                answers = [*steps.renew(leases[0].redis, [(lease.wanted, lease.token) for lease in leases])]
        except Exception:
            # Also what a client raises whose connections somebody closes meanwhile: the other locks must go on.
            answers = [None] * len(leases)
        now = monotonic()
        with self._mutex:
            for lease, answer in zip(leases, answers, strict=True):
                known = lease.ref
                if known not in self._due:  # released meanwhile
                    continue
                if answer is None:
                    lease.lost = lease.lost or now >= lease.ends_at
                    self._due[known] = now + max(lease.wanted.ttl_s * _AGAIN_SHARE, 0.02)
                else:
                    lease.renewed(asked_at, answer)
                    self._due[known] = asked_at + lease.wanted.ttl_s / limits.LOCK_RENEWALS
                if lease.lost:
                    del self._due[known]


def _let_go(lease: Renewed) -> bool:
    try:
        if lease.let_go_when is None or not lease.let_go_when():
            return False
        lease.drop()
    except Exception:
        return lease.over
    return True


HEARTBEAT = Heartbeat()
os.register_at_fork(after_in_child=HEARTBEAT._begin)

"""`job_console.lock`: a lock over all processes and hosts of the bench, released after the transaction has ended.

    with job_console.lock(f"recalc:{customer}", ttl=60, wait=10) as lock:
        …

    @job_console.lock("recalc:{customer}")
    def recalc(customer): …

What it promises, and what not, is in docs/locks.md.
"""

import inspect
import os
import socket
import string
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

import frappe
from rq import get_current_job

from job_console.bridge.connection import engine
from job_console.engine.errors import BadRequest
from job_console.engine.locks.lock import Lock
from job_console.engine.locks.models import full_name
from job_console.engine.locks.options import LockOptions
from job_console.engine.models.locks import Who

from ..transactions import transaction

P = ParamSpec("P")
T = TypeVar("T")


class SiteLock:
    """A lock as application code uses it: a context manager, a decorator, or `acquire` and `release` by hand."""

    def __init__(self, key: str, options: LockOptions, bench_wide: bool, fresh: bool, until: str) -> None:
        if until not in ("commit", "exit"):
            raise BadRequest("A lock is held until 'commit' or 'exit'.")
        self.key = key
        self._terms = options
        self._bench_wide = bench_wide
        self._fresh = fresh
        self._until = until
        self._lock: Lock | None = None

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """As a decorator: the key is a template, filled from the function's arguments."""
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise TypeError("A lock cannot span a generator or coroutine: take it inside.")
        signature = inspect.signature(function)
        _known(self.key, signature)

        @wraps(function)
        def locked(*args: P.args, **kwargs: P.kwargs) -> T:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            with self._again(self.key.format(**_flat(bound, signature))):
                return function(*args, **kwargs)

        return locked

    def __enter__(self) -> "SiteLock":
        self.acquire()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._leave(failed=error is not None)

    def acquire(self) -> "SiteLock":
        """Take the lock. Raises LockTimeout, which names the holders."""
        if self._lock is not None:
            raise BadRequest(f"This lock on {self.key!r} is taken already; make another one to enter again.")
        name = full_name(self.key, None if self._bench_wide else frappe.local.site)
        lock = Lock(engine().redis, name, self._terms._replace(owner=_owner()), who())
        lock.acquire()
        self._lock = lock
        if lock.inside:
            return self
        try:
            if self._fresh:
                transaction.begin_anew()
            transaction.watch(lock.lease)
        except BaseException:
            self._leave(failed=True)
            raise
        return self

    def release(self) -> None:
        """Release the lock. Raises LockLost when it was not held any more."""
        self._leave(failed=False)

    def _leave(self, failed: bool) -> None:
        lock, self._lock = self._lock, None
        if lock is None:
            return
        if lock.inside:
            lock.drop()
            return
        if self._until == "commit" and transaction.has_written():
            lease = lock.keep()
            if lease is not None:
                transaction.release_at_end(lease)
                if lease.lost and not failed:
                    raise lease.gone()
            return
        transaction.unwatch(lock.lease)
        if failed:
            lock.drop()
        else:
            lock.release()

    @property
    def token(self) -> int:
        """The fencing token: it grows with every acquisition. A system that keeps the highest can refuse older ones."""
        return self._taken.token

    @property
    def held(self) -> bool:
        """Whether it is held, as far as this process knows without asking Redis."""
        return self._lock is not None and self._lock.held

    def check(self) -> None:
        """Ask Redis, before an irreversible step, and renew the lease. Raises LockLost."""
        self._taken.check()

    @property
    def _taken(self) -> Lock:
        if self._lock is None:
            raise BadRequest(f"The lock {self.key!r} is not taken.")
        return self._lock

    def _again(self, key: str) -> "SiteLock":
        return SiteLock(key, self._terms, self._bench_wide, self._fresh, self._until)


def lock(
    key: str,
    ttl: float = 60.0,
    wait: float = 10.0,
    renew: bool = True,
    shared: bool = False,
    slots: int = 1,
    reentrant: bool = False,
    bench_wide: bool = False,
    fresh: bool = True,
    until: str = "commit",
) -> SiteLock:
    """A lock of this site on `key`.

    ttl: seconds after which it expires when its holder dies. While the holder lives it is renewed, unless `renew` is
    false.
    wait: seconds to wait for it; then LockTimeout, which names the holder.
    shared: several shared holders may have it at once, but none beside an exclusive one. slots: at most so many
    holders. reentrant: the same job or request may take it again inside. bench_wide: one lock for all sites of the
    bench. fresh: after taking it, see what others have committed: a transaction without writes is ended and begun
    again. until: "commit" keeps it until what was written under it is committed or rolled back, "exit" until the block
    ends.
    """
    options = LockOptions(ttl_s=ttl, wait_s=wait, renew=renew, shared=shared, slots=slots, reentrant=reentrant)
    options.check()
    return SiteLock(key, options, bench_wide, fresh, until)


def who() -> Who:
    """What is recorded of this process as a holder."""
    job, local_job = get_current_job(), getattr(frappe.local, "job", None)
    request = getattr(frappe.local, "request", None)
    session = getattr(frappe.local, "session", None)
    method = local_job.method if local_job else None
    if method is None and request is not None:
        method = f"{request.method} {request.path}"
    return Who(
        job_id=job.id if job else None,
        method=method,
        worker=job.worker_name if job else None,
        host=socket.gethostname(),
        pid=os.getpid(),
        thread=threading.get_ident(),
        user=session.user if session else None,
        site=frappe.local.site,
    )


def _owner() -> str:
    """The owner for re-entrance: this job, request or console session, which has one `frappe.local`."""
    if not getattr(frappe.local, "job_console_owner", None):
        frappe.local.job_console_owner = f"{os.getpid()} {uuid4().hex}"
    return frappe.local.job_console_owner


def _known(template: str, signature: inspect.Signature) -> None:
    """A misspelt name fails when the function is defined, not when it first runs."""
    takes_any = any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values())
    for _text, field, _spec, _conversion in string.Formatter().parse(template):
        name = field and field.partition(".")[0].partition("[")[0]
        if field is not None and (not name or (name not in signature.parameters and not takes_any)):
            raise BadRequest(f"The lock {template!r} names {field!r}, which is no argument of the function.")


def _flat(bound: inspect.BoundArguments, signature: inspect.Signature) -> dict[str, Any]:
    flat = {}
    for name, value in bound.arguments.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            flat.update(value)
        else:
            flat[name] = value
    return flat
